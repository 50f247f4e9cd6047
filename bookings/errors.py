"""Refusals of the booking rules."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict
from payments.payables import PayableRefused


class SlotUnavailable(Conflict):
    """The time cannot be had; `details` holds the nearest alternatives, as UTC instants.

    They are looked for when somebody asks, after the refused transaction gave its locks back.
    """

    code = "SLOT_UNAVAILABLE"
    message = _("This time is no longer available. Please choose another one.")

    def __init__(self, *, alternatives: Callable[[], Sequence[str]] | None = None) -> None:
        """`alternatives` finds them; it is called once, outside the refused transaction."""
        self._find = alternatives
        self._details: list[dict[str, Any]] = []
        super().__init__()

    @property
    def details(self) -> list[dict[str, Any]]:
        """Return the one entry that names the alternatives."""
        if self._find is not None:
            find, self._find = self._find, None
            self._details = [{"field": "starts_at", "alternatives": list(find())}]
        return self._details

    @details.setter
    def details(self, value: Sequence[Mapping[str, Any]]) -> None:
        self._details = [dict(item) for item in value]


class SlotTaken(PayableRefused):
    """Money came after the hold ended, and somebody else has the time now."""

    code = "SLOT_TAKEN"
    message = _("This time was taken before the payment arrived. The payment is refunded.")


class TooEarly(Conflict):
    """The appointment has not begun yet."""

    code = "TOO_EARLY"
    message = _("The appointment has not begun yet.")
