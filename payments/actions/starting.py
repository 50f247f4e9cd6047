"""A payment begins: the intent row first, then what the provider answered."""

from datetime import datetime, timedelta

from django.db import transaction

from common.db import retry_on_conflict
from events import actions as events
from payments import events as payment_events
from payments import payables, queries
from payments.actions import schedules
from payments.actions.locking import lock_payment, save
from payments.errors import AlreadyPaid, LiveAccountRefused, PaymentAlreadyOpen
from payments.gateways.base import Started
from payments.models import GatewayAccount, Payment
from payments.states import OPEN_PAYMENT, may_move_payment

Status = Payment.Status


@retry_on_conflict
@transaction.atomic
def create_payment(
    *,
    payable_type: str,
    payable_id: str,
    purpose: str,
    now: datetime,
    gateway: str = "",
    flow: str = "",
    return_url: str = "",
    actor: str = "",
    is_test_only: bool = False,
) -> tuple[Payment, bool]:
    """Commit the intent to collect what the payable asks for; returns it and whether it is new.

    The same wish again returns the open payment. Another one (gateway, flow or amount) while one
    is open raises PaymentAlreadyOpen; raises AlreadyPaid, NoGateway, and what the payable raises.
    With `is_test_only` a live gateway account raises LiveAccountRefused.
    `now` is aware UTC.
    """
    payable = payables.get(payable_type)
    payable.lock(payable_id=payable_id)
    mine = Payment.objects.filter(
        payable_type=payable_type, payable_id=payable_id, purpose=purpose
    ).select_related("business", "contact", "gateway_account")
    open_one = mine.filter(status__in=OPEN_PAYMENT).first()
    if open_one is None and any(
        row.captured_minor > row.refunded_minor for row in mine.filter(status=Status.SUCCEEDED)
    ):
        raise AlreadyPaid
    quote = payable.quote(payable_id=payable_id, purpose=purpose)
    if open_one is not None:
        _refuse_live(open_one.gateway_account, is_test_only=is_test_only)
        is_same = (
            (not gateway or open_one.gateway_account.gateway == gateway)
            and (not flow or open_one.flow == flow)
            and open_one.money == quote.amount
        )
        if is_same:
            return open_one, False
        raise PaymentAlreadyOpen(details=[{"field": "payment", "code": open_one.public_id}])
    account = queries.choose_account(business_id=quote.business_id, gateway=gateway, flow=flow)
    _refuse_live(account, is_test_only=is_test_only)
    payment = Payment(
        business_id=quote.business_id,
        contact_id=quote.contact_id,
        gateway_account=account,
        payable_type=payable_type,
        payable_id=payable_id,
        purpose=purpose,
        flow=flow or queries.default_flow(account),
        amount_minor=quote.amount.minor,
        currency=quote.amount.currency,
        description=quote.description[:250],
        status=Status.SUBMITTING,
        return_url=return_url,
        expires_at=quote.expires_at,
        submitted_at=now,
        created_at=now,
    )
    payment.idempotency_key = f"{payment.public_id}-start"
    payment.save()
    events.record(
        payment_events.payment_event(payment_events.PAYMENT_CREATED, payment, actor=actor)
    )
    # Whoever dies between this commit and the provider's answer is found by this question.
    schedules.check_payment_at(payment, now + timedelta(seconds=20))
    if payment.expires_at is not None:
        schedules.expire_payment_at(payment, payment.expires_at)
    return payment, True


def _refuse_live(account: GatewayAccount, *, is_test_only: bool) -> None:
    if is_test_only and account.mode == GatewayAccount.Mode.LIVE:
        raise LiveAccountRefused


@retry_on_conflict
@transaction.atomic
def mark_payment_started(*, payment_id: str, started: Started, now: datetime) -> Payment:
    """Keep what the provider answered to the start. Late or repeated answers change nothing."""
    payment = lock_payment(payment_id)
    names = _keep(payment, started)
    status = started.progress.value
    if status in Status.values and may_move_payment(payment.status, status):
        payment.status = status if status in OPEN_PAYMENT else Status.PENDING
        payment.uncertain_since = None
        save(payment, *names, "status", "uncertain_since")
        kind = payment_events.BY_STATUS[payment.status]
        events.record(payment_events.payment_event(kind, payment))
    else:
        save(payment, *names)
    if payment.is_open:
        schedules.check_payment_at(payment, now + timedelta(minutes=1))
    return payment


@retry_on_conflict
@transaction.atomic
def mark_payment_refused(*, payment_id: str, code: str, now: datetime) -> Payment:
    """End a payment whose start the provider refused for good; nothing was accepted."""
    payment = lock_payment(payment_id)
    if not may_move_payment(payment.status, Status.FAILED) or payment.provider_id:
        return payment
    payment.status, payment.failure_code, payment.ended_at = Status.FAILED, code[:80], now
    payment.uncertain_since = None
    save(payment, "status", "failure_code", "ended_at", "uncertain_since")
    events.record(payment_events.payment_event(payment_events.PAYMENT_FAILED, payment))
    schedules.stop_checking(payment)
    return payment


@retry_on_conflict
@transaction.atomic
def mark_payment_uncertain(
    *, payment_id: str, now: datetime, started: Started | None = None
) -> Payment:
    """Note that the provider did not tell; the status stays, and the provider is asked again.

    `started` is kept when the provider named the payment though not where it stands.
    """
    payment = lock_payment(payment_id)
    if payment.status == Status.SUCCEEDED:
        return payment
    if started is not None:
        save(payment, *_keep(payment, started))
    if payment.uncertain_since is None and payment.is_open:
        payment.uncertain_since = now
        save(payment, "uncertain_since")
        events.record(payment_events.payment_event(payment_events.PAYMENT_UNCERTAIN, payment))
    since = payment.uncertain_since or payment.created_at
    schedules.check_payment_at(payment, schedules.next_check(since, now))
    return payment


def _keep(payment: Payment, started: Started) -> list[str]:
    """Set what the provider told for the first time; returns the names of the fields."""
    told = {
        "provider_id": started.ids.payment_id,
        "provider_session_id": started.ids.session_id,
        "client_secret": started.client_secret,
        "checkout_url": started.checkout_url,
    }
    for name, value in told.items():
        setattr(payment, name, getattr(payment, name) or value)
    return list(told)
