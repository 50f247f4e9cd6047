"""Making a booking: hold the time, or take it at once when nothing is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import actions as people
from accounts.models import Business, Contact, User
from bookings import events as booking_events
from bookings.actions import holding, tasks
from bookings.actions.inserting import insert_booking
from bookings.availability import nearest
from bookings.errors import SlotUnavailable
from bookings.models import Booking
from bookings.queries import versions
from bookings.queries.offer import Offer, load_occupied, load_offer
from bookings.queries.slots import list_slots
from common.db import retry_on_conflict
from common.errors import Conflict, DomainError, NotFound
from common.times import ceil_unix, from_unix
from events import actions as events

EXPIRE_REACTION = "bookings.expire_hold"
_ALTERNATIVES = 5
_ALTERNATIVES_WITHIN = timedelta(days=7)
# Enough to tell a busy person from a free one when anybody will do.
_LOAD_SEEN = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """What a customer says about themselves; the business's contact is found or made from it."""

    name: str
    email: str = ""
    phone: str = ""
    locale: str = "en"
    timezone: str = ""
    user: User | None = None


def create_booking(
    *,
    tier_id: str,
    starts_at: datetime,
    customer: Contact | NewCustomer,
    now: datetime,
    calendar_id: str = "",
    seats: int = 1,
    channel: Booking.Channel = Booking.Channel.SITE,
    customer_note: str = "",
    actor: str = "",
    by_staff: bool = False,
    is_repeatable: bool = False,
    joins: bool = False,
) -> Booking:
    """Hold a time for a customer and return the booking; ids are public ids, instants aware.

    It is `pending` while something is due (held 15 minutes by default), `requested` where staff
    approve (held 24 hours) and `confirmed` otherwise. Without `calendar_id` any free performer is
    taken. `by_staff` passes over hours, notice and approval, never over taken time.
    `is_repeatable` returns the customer's live booking of the same tier and start instead of
    taking another; `is_new` of the result tells which, and only a new one is the caller's to open,
    since anybody can type a customer's address. `joins` is for callers whose own transaction ends
    with a refusal: it saves the savepoint. Raises SlotUnavailable with the nearest alternatives,
    NotFound, Busy.
    """
    try:
        return _create(
            tier_id=tier_id,
            calendar_id=calendar_id,
            wanted_at=starts_at,
            seats=seats,
            customer=customer,
            fields={"channel": channel, "customer_note": customer_note},
            actor=actor,
            by_staff=by_staff,
            is_repeatable=is_repeatable,
            joins=joins,
            now=now,
        )
    except SlotUnavailable as refusal:
        find = partial(
            alternatives_to, tier_id=tier_id, starts_at=starts_at, calendar_id=calendar_id, now=now
        )
        raise SlotUnavailable(alternatives=find) from refusal


def alternatives_to(
    *, tier_id: str, starts_at: datetime, now: datetime, calendar_id: str = ""
) -> list[str]:
    """Return the free starts nearest to one that is taken, as ISO 8601 in UTC."""
    try:
        slots = list_slots(
            tier_id=tier_id,
            calendar_id=calendar_id,
            start=_day_start(starts_at - _ALTERNATIVES_WITHIN),
            end=_day_start(starts_at + _ALTERNATIVES_WITHIN),
            now=now,
        )
    except DomainError:
        return []
    wanted = ceil_unix(starts_at)
    found = nearest([at for at in slots.starts if at != wanted], to=wanted, count=_ALTERNATIVES)
    return [from_unix(at).isoformat() for at in found]


def _day_start(at: datetime) -> datetime:
    """Round to a whole UTC day, so that refusals near one another share one kept list."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


@retry_on_conflict
@holding.refusing_overlaps
def _create(
    *,
    tier_id: str,
    calendar_id: str,
    wanted_at: datetime,
    seats: int,
    customer: Contact | NewCustomer,
    fields: dict[str, Any],
    actor: str,
    by_staff: bool,
    is_repeatable: bool,
    joins: bool,
    now: datetime,
) -> Booking:
    with transaction.atomic(savepoint=not joins):
        offer = load_offer(
            tier_id=tier_id,
            calendar_id=calendar_id,
            start=wanted_at,
            end=wanted_at,
            is_locking=True,
        )
        if not (offer.is_offered or by_staff):
            raise NotFound
        contact = _known_contact(offer.business, customer)
        if is_repeatable:
            contact = contact or _contact(offer.business, customer)
            if (known := _live_booking(offer, contact, wanted_at, now)) is not None:
                return known
        seen = timedelta(0) if calendar_id else _LOAD_SEEN
        occupied = load_occupied(offer, start=wanted_at - seen, end=wanted_at + seen, now=now)
        duration = timedelta(minutes=offer.tier.duration_minutes)
        claim = holding.claim(
            offer, occupied, holding.Wanted(wanted_at, duration, seats, by_staff), now=now
        )
        # Not before: who is refused leaves no contact behind and has nothing to undo.
        contact = contact or _contact(offer.business, customer)
        booking = _build(offer, claim, contact, seats, now=now, by_staff=by_staff, fields=fields)
        insert_booking(booking, claim, _facts(booking, actor=actor))
        if claim.session_id is not None:
            holding.refresh_session(claim.session_id)
        if booking.hold_expires_at is None:
            tasks.create_from_templates(booking, actor=actor)
        versions.bump_after_commit(item.public_id for item in offer.held_with(claim.calendar))
        return booking


def _known_contact(business: Business, customer: Contact | NewCustomer) -> Contact | None:
    if isinstance(customer, Contact) and customer.business_id != business.pk:
        raise Conflict
    return customer if isinstance(customer, Contact) else None


def _contact(business: Business, customer: Contact | NewCustomer) -> Contact:
    if isinstance(customer, Contact):
        return customer
    return people.resolve_contact(
        business=business,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        locale=customer.locale,
        timezone=customer.timezone,
        user=customer.user,
    )


def _live_booking(
    offer: Offer, contact: Contact, starts_at: datetime, now: datetime
) -> Booking | None:
    rows = Booking.objects.select_related("business", "contact", "service", "tier", "calendar")
    found = rows.filter(contact=contact, tier_id=offer.tier.pk, starts_at=starts_at)
    alive = [Booking.Status.REQUESTED, Booking.Status.PENDING, Booking.Status.CONFIRMED]
    live = [item for item in found.filter(status__in=alive) if item.holds_time(now)]
    return live[0] if live else None


def _build(
    offer: Offer,
    claim: holding.Claim,
    contact: Contact,
    seats: int,
    *,
    now: datetime,
    by_staff: bool,
    fields: dict[str, Any],
) -> Booking:
    tier = offer.tier
    booking = Booking(
        business=offer.business,
        contact=contact,
        service=tier.service,
        tier=tier,
        calendar=claim.calendar,
        session_id=claim.session_id,
        seats=seats,
        starts_at=claim.starts_at,
        ends_at=claim.ends_at,
        buffer_before_minutes=claim.buffer_before_minutes,
        buffer_after_minutes=claim.buffer_after_minutes,
        currency=offer.business.currency,
        price_minor=tier.price_minor * seats,
        deposit_minor=tier.deposit.minor * seats,
        **fields,
    )
    if tier.needs_approval and not by_staff:
        booking.status = Booking.Status.REQUESTED
        booking.hold_expires_at = now + timedelta(hours=settings.BOOKING_REQUEST_HOURS)
    elif booking.deposit_minor:
        booking.status = Booking.Status.PENDING
        booking.hold_expires_at = now + timedelta(minutes=settings.BOOKING_HOLD_MINUTES)
    else:
        booking.status = Booking.Status.CONFIRMED
        booking.confirmed_at = now
    return booking


def _facts(booking: Booking, *, actor: str) -> list[events.Writing]:
    kinds = [booking_events.BOOKING_CREATED]
    if booking.status == Booking.Status.REQUESTED:
        kinds.append(booking_events.BOOKING_REQUESTED)
    elif booking.status == Booking.Status.CONFIRMED:
        kinds.append(booking_events.BOOKING_CONFIRMED)
    facts = [booking_events.booking_event(kind, booking, actor=actor) for kind in kinds]
    writings = [events.recording(facts)]
    if booking.hold_expires_at is not None:
        turn = events.scheduling(
            reaction=EXPIRE_REACTION, subject=booking.public_id, due_at=booking.hold_expires_at
        )
        writings.append(turn)
    return writings
