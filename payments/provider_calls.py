"""Calls to providers, each between two actions and outside every transaction.

The row is committed first, the call carries the row's idempotency key, and its outcome is a second
action. A call that is not answered leaves the row as it is; a scheduled question settles it.
"""

import logging
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils import timezone

from payments import actions, queries
from payments.actions import schedules
from payments.errors import CredentialsRefused, GatewayUnavailable, NoGateway
from payments.gateways import registry
from payments.gateways.base import (
    Account,
    GatewayError,
    GatewayRefused,
    Order,
    PaymentFacts,
    ProviderIds,
)
from payments.models import Payment, Refund
from payments.states import OPEN_PAYMENT, OPEN_REFUND, SOFT_ENDS

logger = logging.getLogger(__name__)


def start_payment(
    *,
    payable_type: str,
    payable_id: str,
    purpose: str,
    gateway: str = "",
    flow: str = "",
    return_url: str = "",
    actor: str = "",
    is_test_only: bool = False,
) -> Payment:
    """Collect what the payable asks for; the payment has a `client_secret` or `checkout_url`.

    The same wish again returns the same payment. A provider that does not answer leaves it "being
    checked" (`is_being_checked`), one that refuses ends it `failed`. Raises what `create_payment`
    raises. Call it outside a transaction.
    """
    payment, is_new = actions.create_payment(
        payable_type=payable_type,
        payable_id=payable_id,
        purpose=purpose,
        gateway=gateway,
        flow=flow,
        return_url=return_url,
        actor=actor,
        is_test_only=is_test_only,
        now=timezone.now(),
    )
    return _call_start(payment) if is_new else payment


def check_payment(*, payment_id: str) -> Payment | None:
    """Ask the provider where a payment stands and apply the answer; None when it is gone.

    One whose start was never answered is looked for by our reference, and started again with the
    same key while it is open. Repeats safely.
    """
    payment = queries.find_payment(payment_id)
    if payment is None or payment.is_in_review:
        return payment
    if payment.status not in OPEN_PAYMENT | SOFT_ENDS:
        return payment
    gateway, account = _gateway(payment)
    ids = _ids(payment)
    try:
        _require_no_transaction()
        if ids != ProviderIds():
            facts: PaymentFacts | None = gateway.query(account, ids)
        else:
            facts = gateway.find(account, _order(payment))
    except GatewayError as error:
        _log("payment not answered", payment, error)
        return actions.mark_payment_uncertain(payment_id=payment_id, now=timezone.now())
    if facts is None:
        return _call_start(payment) if payment.is_open else payment
    now = timezone.now()
    payment = actions.apply_provider_status(payment_id=payment_id, facts=facts, now=now)
    if payment.is_open and not payment.is_in_review and payment.uncertain_since is None:
        since = payment.submitted_at or payment.created_at
        schedules.check_payment_at(payment, schedules.next_check(since, now))
    return payment


def stop_at_provider(*, payment_id: str) -> Payment | None:
    """End the chance to pay at the provider too; money that came in meanwhile is settled."""
    payment = queries.find_payment(payment_id)
    if payment is None or payment.status not in SOFT_ENDS:
        return payment
    gateway, account = _gateway(payment)
    ids = _ids(payment)
    _require_no_transaction()
    if ids == ProviderIds():
        facts = gateway.find(account, _order(payment))
        if facts is None:
            return payment
        ids = facts.ids
    try:
        facts = gateway.cancel(account, ids)
    except GatewayRefused as error:
        _log("payment not canceled", payment, error)
        return payment
    return actions.apply_provider_status(payment_id=payment_id, facts=facts, now=timezone.now())


def submit_refund(*, refund_id: str) -> Refund | None:
    """Submit a refund, or ask where it stands; None when it is gone. Repeats safely."""
    refund = queries.find_refund(refund_id)
    if refund is None or refund.status not in OPEN_REFUND:
        return refund
    gateway, account = _gateway(refund.payment)
    ids = _ids(refund.payment)
    was_submitted = refund.status != Refund.Status.REQUESTED
    marked = actions.mark_refund_submitted(refund_id=refund_id, now=timezone.now())
    if marked.status not in OPEN_REFUND:  # ended since it was read
        return marked
    try:
        _require_no_transaction()
        facts = None
        if was_submitted or refund.provider_id:
            facts = gateway.query_refund(
                account, ids, refund_id=refund.provider_id, reference=refund.public_id
            )
        if facts is None:
            facts = gateway.refund(
                account,
                ids,
                amount=refund.money,
                reference=refund.public_id,
                idempotency_key=f"{refund.public_id}-refund",
            )
    except GatewayRefused as error:
        _log("refund refused", refund, error)
        return actions.mark_refund_refused(refund_id=refund_id, code=error.code, now=timezone.now())
    except GatewayError as error:
        _log("refund not answered", refund, error)
        return actions.mark_refund_uncertain(refund_id=refund_id, now=timezone.now())
    return actions.apply_refund_status(refund_id=refund_id, facts=facts, now=timezone.now())


def check_credentials(*, gateway: str, credentials: Mapping[str, Any], mode: str = "test") -> str:
    """Prove credentials by a live call; returns the provider's name of the account.

    Raises CredentialsRefused, GatewayUnavailable.
    """
    account = Account("", mode == "live", "", credentials)
    try:
        return registry.get(gateway).check(account)
    except GatewayRefused as error:
        raise CredentialsRefused from error
    except GatewayError as error:
        raise GatewayUnavailable from error


def _call_start(payment: Payment) -> Payment:
    gateway, account = _gateway(payment)
    try:
        _require_no_transaction()
        started = gateway.start(account, _order(payment))
    except GatewayRefused as error:
        _log("payment refused", payment, error)
        return actions.mark_payment_refused(
            payment_id=payment.public_id, code=error.code, now=timezone.now()
        )
    except GatewayError as error:
        _log("payment not answered", payment, error)
        return actions.mark_payment_uncertain(payment_id=payment.public_id, now=timezone.now())
    if started.progress.value == "unknown":
        return actions.mark_payment_uncertain(
            payment_id=payment.public_id, now=timezone.now(), started=started
        )
    return actions.mark_payment_started(
        payment_id=payment.public_id, started=started, now=timezone.now()
    )


def _gateway(payment: Payment) -> tuple[Any, Account]:
    try:
        gateway = registry.get(payment.gateway_account.gateway)
    except registry.UnknownGateway as error:
        raise NoGateway from error
    return gateway, queries.adapter_account(payment.gateway_account)


def _ids(payment: Payment) -> ProviderIds:
    return ProviderIds(payment.provider_id, payment.provider_session_id)


def _order(payment: Payment) -> Order:
    contact = payment.contact
    return Order(
        reference=payment.public_id,
        idempotency_key=payment.idempotency_key,
        amount=payment.money,
        description=payment.description,
        flow=payment.flow,
        return_url=payment.return_url,
        expires_at=payment.expires_at,
        created_at=payment.created_at,
        customer_email=contact.email if contact else "",
        locale=contact.locale if contact else "en",
    )


def _require_no_transaction() -> None:
    """Refuse to wait for a provider while rows are locked."""
    if connection.in_atomic_block:
        raise RuntimeError("a provider is never called inside a transaction")


def _log(sentence: str, row: Payment | Refund, error: GatewayError) -> None:
    logger.warning(sentence, extra={"subject": row.public_id, "reason": error.code})
