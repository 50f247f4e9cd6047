"""Anticipated failures. Every door turns a DomainError into the one error envelope.

`code` is stable and upper case; `message` is a sentence for people that says what to do.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Envelope(TypedDict, total=False):
    """The body of every error answer."""

    success: bool
    error: str
    message: str
    code: str
    statusCode: int
    request_id: str
    details: list[dict[str, Any]]


class DomainError(Exception):
    """A refusal the product foresees; `headers` are added to an HTTP answer."""

    code = "BAD_REQUEST"
    status = 400
    error = "Bad request"
    message: str | Promise = _("The request could not be carried out.")

    def __init__(
        self,
        message: str | Promise | None = None,
        *,
        code: str | None = None,
        details: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Take what the class does not say: a sentence, field details, headers."""
        if message is not None:
            self.message = message
        if code is not None:
            self.code = code
        self.details = [dict(item) for item in details]
        self.headers = dict(headers or {})
        super().__init__(self.code)

    def envelope(self, request_id: str = "") -> Envelope:
        """Return the JSON body of the error."""
        body = Envelope(
            success=False,
            error=self.error,
            message=str(self.message),
            code=self.code,
            statusCode=self.status,
            request_id=request_id,
        )
        if self.details:
            body["details"] = self.details
        return body


class ValidationFailed(DomainError):
    """Fields are wrong; `details` names each with a sentence."""

    code = "VALIDATION_FAILED"
    error = "Validation failed"
    message = _("Some fields need your attention.")


class NotSignedIn(DomainError):
    """Nobody is signed in."""

    code = "NOT_SIGNED_IN"
    status = 401
    error = "Unauthorized"
    message = _("Sign in first.")


class Forbidden(DomainError):
    """The object belongs to somebody else, or the role does not allow this."""

    code = "FORBIDDEN"
    status = 403
    error = "Forbidden"
    message = _("You may not do this.")
    # The name of the page on which the person can do what is missing.
    leads_to = ""


class NotFound(DomainError):
    """There is no such object."""

    code = "NOT_FOUND"
    status = 404
    error = "Not found"
    message = _("There is nothing at this address.")


class Conflict(DomainError):
    """The object's present state does not allow this."""

    code = "CONFLICT"
    status = 409
    error = "Conflict"
    message = _("This has changed meanwhile. Reload and try again.")


class IllegalTransition(Conflict):
    """A state machine refused the step."""

    code = "ILLEGAL_TRANSITION"


class RateLimited(DomainError):
    """Too many requests; the Retry-After header says when to come back."""

    code = "RATE_LIMITED"
    status = 429
    error = "Too many requests"
    message = _("Too many requests. Wait a moment and try again.")


class Busy(DomainError):
    """The service cannot take this right now; the same request may be sent again."""

    code = "BUSY"
    status = 503
    error = "Service unavailable"
    message = _("We are busy right now. Please try again in a moment.")

    def __init__(self, message: str | Promise | None = None, *, retry_after: int = 1) -> None:
        """`retry_after` is in seconds."""
        super().__init__(message, headers={"Retry-After": str(retry_after)})
