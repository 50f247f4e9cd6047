"""A past and a future for the demo businesses: bookings in every state, payments, leads."""

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

from accounts.models import Business, User
from bookings import actions as bookings
from bookings.actions import NewCustomer
from bookings.models import Booking, ConversationMessage, Tier
from bookings.queries.slots import list_slots
from common.errors import DomainError
from events.models import Reaction
from leads import actions as leads
from operations.demo.people import CUSTOMER
from payments import provider_calls
from payments.gateways.sandbox import provider
from payments.models import Payment, SandboxCharge

_NAMES = (
    ("Lê Hoàng Phương Anh", "phuonganh@customers.test", "+84901112233", "vi"),
    ("Đặng Quốc Bảo", "bao@customers.test", "+84902223344", "vi"),
    ("Maximiliane von Hohenberg-Schwarzenstein", "max@customers.test", "+4915112345678", "en"),
    ("Olivia Chen", "olivia@customers.test", "+61412345678", "en"),
    ("Jack O'Connor", "jack@customers.test", "+61498765432", "en"),
    ("Võ Thị Sáu", "sau@customers.test", "+84903334455", "vi"),
    ("Amara Okafor", "amara@customers.test", "+12075550123", "en"),
)
_DAY = dt.timedelta(days=1)


def _customer(number: int) -> NewCustomer:
    name, email, phone, locale = _NAMES[number % len(_NAMES)]
    return NewCustomer(name=name, email=email, phone=phone, locale=locale)


def _free_starts(tier: Tier, *, day: dt.datetime, now: dt.datetime) -> list[dt.datetime]:
    found = list_slots(tier_id=tier.public_id, start=day, end=day + _DAY, now=now)
    return list(found.instants())


def _pay(booking: Booking) -> Payment:
    """Pay what is due through the sandbox and let the provider be asked, as a late notice would."""
    payment = provider_calls.start_payment(
        payable_type="booking", payable_id=booking.public_id, purpose="deposit"
    )
    charge = SandboxCharge.objects.get(reference=payment.public_id)
    provider.answer(token=charge.token, choice="approve")
    provider_calls.check_payment(payment_id=payment.public_id)
    payment.refresh_from_db()
    return payment


def _book(tier: Tier, starts_at: dt.datetime, number: int, now: dt.datetime) -> Booking | None:
    try:
        return bookings.create_booking(
            tier_id=tier.public_id,
            starts_at=starts_at,
            customer=_customer(number),
            now=now,
            actor="demo",
        )
    except DomainError:
        return None  # taken by an earlier demo booking: the day is simply full there


def _past(tiers: list[Tier], *, now: dt.datetime) -> Iterator[Booking]:
    """Make bookings of the last two weeks that took place, were canceled or missed."""
    for back in range(1, 14):
        made_at = now - (back + 2) * _DAY
        day = (now - back * _DAY).replace(hour=0, minute=0, second=0, microsecond=0)
        tier = tiers[back % len(tiers)]
        starts = _free_starts(tier, day=day, now=made_at)[1::4][:2]
        for offset, starts_at in enumerate(starts):
            booking = _book(tier, starts_at, back + offset, made_at)
            if booking is None:
                continue
            if booking.status != Booking.Status.CONFIRMED:
                booking = bookings.confirm_booking(
                    booking_id=booking.public_id, now=made_at, actor="demo"
                )
            yield booking


def create_past(tiers: list[Tier], *, now: dt.datetime) -> None:
    """Make the past of a business."""
    for number, booking in enumerate(_past(tiers, now=now)):
        after = booking.ends_at + dt.timedelta(minutes=5)
        if number % 9 == 4:  # noqa: PLR2004  one in nine did not come
            bookings.mark_no_show(booking_id=booking.public_id, now=after, actor="demo")
        elif number % 7 == 3:  # noqa: PLR2004  one in seven was called off
            bookings.cancel_booking(
                booking_id=booking.public_id,
                now=booking.starts_at - _DAY,
                reason="Feeling ill",
                actor="demo",
            )
        elif after < now:
            bookings.complete_booking(booking_id=booking.public_id, now=after, actor="demo")
            _finish_tasks(booking, now=now, is_recent=after > now - 2 * _DAY)


def _finish_tasks(booking: Booking, *, now: dt.datetime, is_recent: bool) -> None:
    """Do what was to do for a past booking; of the last days something is always left over."""
    for task in booking.tasks.filter(done_at__isnull=True)[int(is_recent) :]:
        bookings.complete_task(task_id=task.public_id, now=now, actor="demo")


def forget_to_tell() -> None:
    """Take back the messages about the made-up past: nobody wants a hundred mails on day one."""
    Reaction.objects.filter(state=0, schedule_key__isnull=True).delete()


def create_future(tiers: list[Tier], *, now: dt.datetime) -> list[Booking]:
    """Make paid, free, requested and waiting bookings of the next days; returns them."""
    made = []
    for ahead in range(8):
        day = (now + ahead * _DAY).replace(minute=0, second=0, microsecond=0)
        for number, tier in enumerate(tiers):
            starts = _free_starts(tier, day=day, now=now)[2 + number :: 5][:1]
            for starts_at in starts:
                booking = _book(tier, starts_at, ahead + 3 * number, now)
                if booking is None:
                    continue
                is_left_waiting = (ahead, number) == (1, 0)
                if booking.status == Booking.Status.PENDING and not is_left_waiting:
                    _pay(booking)
                made.append(booking)
    return made


def create_own_bookings(tier: Tier, user: User, *, now: dt.datetime) -> None:
    """Give the demo customer an upcoming, paid booking with a conversation."""
    day = (now + 2 * _DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = _free_starts(tier, day=day, now=now)
    booking = bookings.create_booking(
        tier_id=tier.public_id,
        starts_at=starts[len(starts) // 2],
        customer=NewCustomer(
            name=user.full_name, email=user.email, phone="+84904445566", locale="vi", user=user
        ),
        now=now,
        customer_note="Vai phải của tôi hay đau, xin nhẹ tay.",
        actor=user.public_id,
    )
    _pay(booking)
    bookings.post_message(
        booking_id=booking.public_id,
        side=ConversationMessage.Side.CUSTOMER,
        body="Chào spa, tôi có thể đến sớm 15 phút không?",
        author=user,
        actor=user.public_id,
        now=now,
    )


def create_leads(business: Business) -> None:
    """Leave two enquiries to answer."""
    for number, message in enumerate(
        ("Do you offer vouchers for two people?", "Are you open on the public holiday?")
    ):
        name, email, phone, locale = _NAMES[number + 2]
        leads.capture_lead(
            business=business,
            name=name,
            email=email,
            phone=phone,
            locale=locale,
            message=message,
        )


def create_history(businesses: dict[str, Business], users: dict[str, User]) -> None:
    """Fill every business; instants are relative to now, so the demo is always of today."""
    now = timezone.now()
    for business in businesses.values():
        tiers = list(
            Tier.objects.filter(service__business=business)
            .select_related("service__business")
            .order_by("service__position", "position")
        )
        create_past(tiers, now=now)
        create_future(tiers, now=now)
        create_leads(business)
    forget_to_tell()
    own = Tier.objects.select_related("service__business").filter(
        service__business=businesses["lotus-spa"], service__slug="massage"
    )
    create_own_bookings(own.order_by("position")[0], users[CUSTOMER.email], now=now)
