"""The state machine of a booking: one table, and the only way to change a status."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from bookings.models import Booking
from common.errors import IllegalTransition

S = Booking.Status

# `expired` leads to `confirmed` only by winning the time again in the same transaction.
TRANSITIONS: Final[Mapping[Booking.Status, frozenset[Booking.Status]]] = {
    S.REQUESTED: frozenset({S.PENDING, S.CONFIRMED, S.CANCELED, S.EXPIRED}),
    S.PENDING: frozenset({S.CONFIRMED, S.EXPIRED, S.CANCELED}),
    S.EXPIRED: frozenset({S.CONFIRMED}),
    S.CONFIRMED: frozenset({S.COMPLETED, S.NO_SHOW, S.CANCELED}),
    S.COMPLETED: frozenset({S.NO_SHOW}),
    S.NO_SHOW: frozenset({S.COMPLETED}),
    S.CANCELED: frozenset(),
}
CORRECTION_PERIOD: Final = timedelta(days=7)


def advance(booking: Booking, to: Booking.Status, *, now: datetime) -> None:
    """Put the locked booking into a state and raise its version; the caller saves it.

    Raises IllegalTransition for a step the table does not have, and for correcting completed and
    no-show more than seven days after the first of them was set.
    """
    current = Booking.Status(booking.status)
    if to not in TRANSITIONS[current]:
        raise IllegalTransition
    is_correction = current in {S.COMPLETED, S.NO_SHOW}
    if is_correction and booking.ended_at and now > booking.ended_at + CORRECTION_PERIOD:
        raise IllegalTransition
    booking.status = to
    booking.version += 1
    if to == S.CONFIRMED:
        booking.confirmed_at = now
        booking.hold_expires_at = None
    elif to in {S.COMPLETED, S.NO_SHOW, S.CANCELED} and not is_correction:
        booking.ended_at = now
