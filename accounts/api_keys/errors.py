"""Why a key is not accepted."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Forbidden, NotSignedIn

# RFC 6750 §3.
_CHALLENGE = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class InvalidApiKey(NotSignedIn):
    """The text is no key of ours."""

    code = "INVALID_API_KEY"
    message = _("This API key is not known here. Check that it was copied whole.")

    def __init__(self) -> None:
        """Name the scheme."""
        super().__init__(headers=_CHALLENGE)


class ApiKeyExpired(InvalidApiKey):
    """The key's time is over."""

    code = "API_KEY_EXPIRED"
    message = _("This API key has expired. Use the one that replaced it, or make a new one.")


class ApiKeyRevoked(InvalidApiKey):
    """Somebody ended the key."""

    code = "API_KEY_REVOKED"
    message = _("This API key was revoked. Make a new one.")


class MissingScope(Forbidden):
    """The key may not do this; `details` names the scope that may."""

    code = "MISSING_SCOPE"
    message = _("This API key lacks the scope for this. Make a key that has it.")


class NotForApiKeys(Forbidden):
    """The address is for people."""

    code = "NOT_FOR_API_KEYS"
    message = _("No API key opens this. Sign in instead.")


class KeyIsNoLongerActive(Conflict):
    """A key that ended or is being replaced is not rotated."""

    code = "API_KEY_NOT_ACTIVE"
    message = _("This key has ended or is being replaced already. Make a new one instead.")
