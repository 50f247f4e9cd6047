"""What this app holds of a person: their appointments, what was said about them, their calendar."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.privacy.holders import ERASED, Holder, Subject, listed
from bookings.actions.calling_off import cancel_with_refund
from bookings.models import Booking, Calendar, ConversationMessage, Task

_LIVE = (Booking.Status.REQUESTED, Booking.Status.PENDING, Booking.Status.CONFIRMED)
# Events keep the name of the calendar, which is that of the person it belongs to.
_CLEAN_CALENDAR = """
UPDATE events_event SET data = jsonb_set(data, '{calendar_name}', to_jsonb(%s::text))
WHERE business = ANY(%s) AND data->>'calendar' = ANY(%s) AND data ? 'calendar_name'
"""


def _bookings(subject: Subject) -> QuerySet[Booking]:
    return Booking.objects.filter(contact__in=subject.contacts).order_by("pk")


def _calendars(subject: Subject) -> QuerySet[Calendar]:
    if subject.user is None:
        return Calendar.objects.none()
    return Calendar.objects.filter(staff__user=subject.user)


def _objects(subject: Subject) -> Iterable[str]:
    yield from _bookings(subject).values_list("public_id", flat=True)
    tasks = Task.objects.filter(booking__in=_bookings(subject))
    yield from tasks.values_list("public_id", flat=True)


def _export(subject: Subject) -> dict[str, Any]:
    names = ("public_id", "business__name", "service__name", "tier__name", "status", "seats")
    times = ("starts_at", "ends_at", "created_at")
    money = ("currency", "price_minor", "paid_minor", "refunded_minor")
    said = ("customer_note", "cancel_reason")
    messages = ConversationMessage.objects.filter(booking__in=_bookings(subject)).order_by("pk")
    return {
        "bookings": listed(_bookings(subject), *names, *times, *money, *said),
        "messages": listed(
            messages, "booking__public_id", "side", "author_name", "body", "created_at"
        ),
    }


def _erase(subject: Subject) -> int:
    now = timezone.now()
    # The relay would tell nobody: by then the customer has no address.
    for booking in _bookings(subject).filter(status__in=_LIVE, starts_at__gt=now):
        cancel_with_refund(booking_id=booking.public_id, now=now)
    count = ConversationMessage.objects.filter(booking__in=_bookings(subject)).delete()[0]
    count += _bookings(subject).update(customer_note="", staff_note="", cancel_reason="")
    if subject.user is not None:
        own = ConversationMessage.objects.filter(author=subject.user)
        count += own.update(author_name=ERASED, author=None)
        Task.objects.filter(done_by=subject.user.public_id).update(done_by="")
        count += _erase_calendars(subject)
    return count


def _erase_calendars(subject: Subject) -> int:
    calendars = list(_calendars(subject).select_related("business"))
    if not calendars:
        return 0
    count = _calendars(subject).update(name=ERASED, is_active=False)
    with connection.cursor() as cursor:
        cursor.execute(
            _CLEAN_CALENDAR,
            [
                ERASED,
                [calendar.business.public_id for calendar in calendars],
                [calendar.public_id for calendar in calendars],
            ],
        )
        return count + int(cursor.rowcount)


HOLDER = Holder(name="bookings", export=_export, erase=_erase, objects=_objects)
