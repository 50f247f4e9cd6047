"""Refusals of this app, and how a transport tells what a failure means."""

from django.utils.translation import gettext_lazy as _

from common.errors import ValidationFailed


class BadChannelAddress(ValidationFailed):
    """The address is none that the transport can write to."""

    code = "BAD_CHANNEL_ADDRESS"
    message = _("Paste the address Discord shows under Integrations → Webhooks → Copy webhook URL.")


class TransportError(Exception):
    """A message was not sent.

    `is_permanent`: trying again cannot help. `is_uncertain`: it may have been sent.
    `address_is_dead`: nothing will ever reach this address. `retry_after` is in seconds and costs
    no attempt. The text is shown in the admin, so it holds no address and no secret.
    """

    def __init__(
        self,
        reason: str,
        *,
        is_permanent: bool = False,
        is_uncertain: bool = False,
        address_is_dead: bool = False,
        retry_after: float | None = None,
    ) -> None:
        """Take what the provider's answer means."""
        super().__init__(reason)
        self.is_permanent = is_permanent or address_is_dead
        self.is_uncertain = is_uncertain
        self.address_is_dead = address_is_dead
        self.retry_after = retry_after
