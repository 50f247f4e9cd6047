"""Refusals of paying and refunding that doors show to people."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, DomainError, Forbidden


class PaymentAlreadyOpen(Conflict):
    """Another payment for the same thing waits to be paid; `details` names it."""

    code = "PAYMENT_ALREADY_OPEN"
    message = _("A payment for this has been started already. Finish or cancel it first.")


class AlreadyPaid(Conflict):
    """The thing is paid."""

    code = "ALREADY_PAID"
    message = _("This has been paid already.")


class NoGateway(Conflict):
    """The business takes no payments in this way."""

    code = "NO_GATEWAY"
    message = _("This business cannot take this kind of payment at the moment.")


class LiveAccountRefused(Forbidden):
    """A test key would have moved real money."""

    code = "LIVE_ACCOUNT_REFUSED"
    message = _("A test key cannot use a live gateway account. Use a live key.")


class PaymentNotCancelable(Conflict):
    """The payment ended, or its money is on the way."""

    code = "PAYMENT_NOT_CANCELABLE"
    message = _("This payment can no longer be canceled.")


class RefundTooLarge(Conflict):
    """More than was received and not yet given back."""

    code = "REFUND_TOO_LARGE"
    message = _("This is more than can still be refunded.")


class NotRefundable(Conflict):
    """No money was received."""

    code = "NOT_REFUNDABLE"
    message = _("There is no payment to refund.")


class GatewayUnavailable(DomainError):
    """The provider could not be asked; nothing was changed."""

    code = "GATEWAY_UNAVAILABLE"
    status = 503
    error = "Service unavailable"
    message = _("The payment provider does not answer. Please try again in a moment.")


class CredentialsRefused(DomainError):
    """The provider did not accept the account's credentials."""

    code = "CREDENTIALS_REFUSED"
    message = _("The payment provider did not accept these credentials.")
