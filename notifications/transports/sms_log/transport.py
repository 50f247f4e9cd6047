"""Logs that a text message would go out; the row keeps its text, the log never does."""

import logging

from events.lanes import Lane
from notifications.transports.base import Message

logger = logging.getLogger(__name__)
_SHOWN_DIGITS = 3


def masked(number: str) -> str:
    """Return a number of which only the last three digits are readable."""
    return "*" * max(len(number) - _SHOWN_DIGITS, 0) + number[-_SHOWN_DIGITS:]


class SmsLogTransport:
    """Costs nothing and reaches nobody; sending again would bother somebody once it is real."""

    code = "sms"
    lane = Lane.BULK
    can_repeat = False

    def accepts(self, address: str) -> bool:
        """Refuse: a business gives no number of its own."""
        return False

    def send(self, message: Message) -> str:
        """Log the masked number."""
        logger.info(
            "text message logged",
            extra={"notification": message.id, "to_ending": masked(message.address)},
        )
        return f"log-{message.id}"
