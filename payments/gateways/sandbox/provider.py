"""The provider's side of the sandbox: its books, its hosted page's answers, its notices.

It knows nothing of payments here: only accounts, references and addresses, as a provider would.
"""

import hashlib
import json
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.ids import new_public_id
from common.money import Money
from events import nudge
from events.lanes import Lane
from payments.models.sandbox import SandboxCharge, SandboxDelivery

# How long after the end of the hold a late answer comes.
LATE_SECONDS = 20
ANSWERS = ("approve", "decline", "never", "twice", "late")


def account_name(secret: str) -> str:
    """Return the name the sandbox gives to the account that signs with this secret."""
    return f"sbxacct_{hashlib.sha256(secret.encode()).hexdigest()[:16]}"


def open_charge(
    *,
    account: str,
    reference: str,
    idempotency_key: str,
    amount: Money,
    description: str,
    notify_url: str,
    return_url: str,
    expires_at: datetime | None,
) -> SandboxCharge:
    """Open a charge; the same key returns the one opened before."""
    try:
        with transaction.atomic():
            return SandboxCharge.objects.create(
                account=account,
                reference=reference,
                idempotency_key=idempotency_key,
                amount_minor=amount.minor,
                currency=amount.currency,
                description=description,
                notify_url=notify_url,
                return_url=return_url,
                expires_at=expires_at,
            )
    except IntegrityError:
        return SandboxCharge.objects.get(account=account, idempotency_key=idempotency_key)


def describe(*, account: str, provider_id: str = "", reference: str = "") -> dict[str, Any] | None:
    """Return what the provider tells of a charge, or None."""
    rows = SandboxCharge.objects.filter(account=account)
    rows = (
        rows.filter(token=provider_id.removeprefix("sbx_"))
        if provider_id
        else rows.filter(reference=reference)
    )
    charge = rows.order_by("-id").first()
    return _described(charge) if charge else None


@transaction.atomic
def answer(*, token: str, choice: str) -> SandboxCharge:
    """Take the customer's choice on the hosted page; only the first one counts.

    approve and decline are told at once, twice sends the same notice two times, never tells nobody
    (only a status query learns of it), late tells after the time to pay is over. Raises
    SandboxCharge.DoesNotExist and ValueError for an unknown choice.
    """
    if choice not in ANSWERS:
        raise ValueError("unknown choice")
    charge = SandboxCharge.objects.select_for_update().get(token=token)
    if charge.status != "open":
        return charge
    now = timezone.now()
    charge.status = "declined" if choice == "decline" else "paid"
    charge.answer = choice
    due_at = now
    if choice == "late":
        due_at = max(now, charge.expires_at or now) + timedelta(seconds=LATE_SECONDS)
    if choice == "late" and due_at > now:
        charge.status = "open"
    charge.save(update_fields=["status", "answer"])
    if choice == "never":
        return charge
    body = _notice(charge, "declined" if choice == "decline" else "paid")
    for _ in range(2 if choice == "twice" else 1):
        _owe(charge, body, due_at=due_at)
    return charge


@transaction.atomic
def close_charge(*, account: str, provider_id: str) -> None:
    """Close an open hosted page. Money of a late answer is on its way, so that stays open."""
    SandboxCharge.objects.filter(
        account=account, token=provider_id.removeprefix("sbx_"), status="open", answer=""
    ).update(status="closed")


@transaction.atomic
def refund(
    *, account: str, provider_id: str, amount: Money, reference: str, idempotency_key: str
) -> dict[str, Any] | None:
    """Send money back and tell of it; None when there is not that much. Same key, same refund."""
    charge = (
        SandboxCharge.objects.select_for_update()
        .filter(account=account, token=provider_id.removeprefix("sbx_"))
        .first()
    )
    if charge is None:
        return None
    if known := charge.refunds.get(idempotency_key):
        return dict(known)
    left = charge.amount_minor - sum(item["amount"] for item in charge.refunds.values())
    if charge.status != "paid" or amount.minor > left or amount.currency != charge.currency:
        return None
    told = {
        "id": new_public_id("sbxr"),
        "payment": charge.provider_id,
        "reference": reference,
        "amount": amount.minor,
        "currency": amount.currency,
        "account": account,
        "status": "succeeded",
    }
    charge.refunds[idempotency_key] = told
    charge.save(update_fields=["refunds"])
    _owe(charge, _body("refund.succeeded", told), due_at=timezone.now())
    return told


def find_refund(*, account: str, provider_id: str, reference: str) -> dict[str, Any] | None:
    """Return what the provider tells of a refund, or None."""
    charge = SandboxCharge.objects.filter(
        account=account, token=provider_id.removeprefix("sbx_")
    ).first()
    found = charge.refunds.values() if charge else ()
    return next((dict(item) for item in found if item["reference"] == reference), None)


def settle_late(delivery: SandboxDelivery) -> None:
    """Book the money of a late answer when its notice goes out."""
    data = json.loads(delivery.body)["data"]
    SandboxCharge.objects.filter(
        token=str(data["id"]).removeprefix("sbx_"), status="open", answer="late"
    ).update(status="paid")


def _described(charge: SandboxCharge, status: str = "") -> dict[str, Any]:
    return {
        "id": charge.provider_id,
        "reference": charge.reference,
        "amount": charge.amount_minor,
        "currency": charge.currency,
        "account": charge.account,
        "status": status or charge.status,
    }


def _notice(charge: SandboxCharge, status: str) -> str:
    return _body(f"payment.{status}", _described(charge, status))


def _body(kind: str, data: dict[str, Any]) -> str:
    return json.dumps({"id": new_public_id("sbxe"), "type": kind, "data": data})


def _owe(charge: SandboxCharge, body: str, *, due_at: datetime) -> None:
    SandboxDelivery.objects.create(
        url=charge.notify_url,
        event_id=json.loads(body)["id"],
        account=charge.account,
        body=body,
        due_at=due_at,
        lane=Lane.DEFAULT,
    )
    transaction.on_commit(partial(nudge.wake, Lane.DEFAULT))
