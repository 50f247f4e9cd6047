"""Why the door turns a notice away."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, Forbidden, NotFound


class BadSignature(Forbidden):
    """The notice is not proven to come from the provider. The answer tells no detail."""

    code = "BAD_SIGNATURE"
    message = _("The request is not signed as expected.")


class StaleSignature(BadSignature):
    """The signed time is more than the tolerance away from now, either way."""


class MalformedNotice(DomainError):
    """The proven body cannot be read safely."""

    code = "MALFORMED_NOTICE"
    message = _("The body cannot be read.")


class NoticeTooLarge(DomainError):
    """The body is larger than any notice."""

    code = "PAYLOAD_TOO_LARGE"
    status = 413
    error = "Payload too large"
    message = _("The body is too large.")


class UnknownEndpoint(NotFound):
    """No provider account receives notices at this address."""
