"""Refusals of the booking rules."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict
from payments.payables import PayableRefused


class SlotUnavailable(Conflict):
    """The time cannot be had; `details` holds the nearest alternatives, as UTC instants."""

    code = "SLOT_UNAVAILABLE"
    message = _("This time is no longer available. Please choose another one.")


class SlotTaken(PayableRefused):
    """Money came after the hold ended, and somebody else has the time now."""

    code = "SLOT_TAKEN"
    message = _("This time was taken before the payment arrived. The payment is refunded.")


class TooEarly(Conflict):
    """The appointment has not begun yet."""

    code = "TOO_EARLY"
    message = _("The appointment has not begun yet.")


class ConversationClosed(Conflict):
    """Nobody may write here any more."""

    code = "CONVERSATION_CLOSED"
    message = _("This conversation is closed.")
