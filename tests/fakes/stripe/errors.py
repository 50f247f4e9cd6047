"""Stripe's error shape: {"error": {"type", "code", "message", "param", ...}}."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer other than 200. `is_saved` tells whether an idempotency key keeps it."""

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        code: str = "",
        param: str = "",
        decline_code: str = "",
        extra: dict[str, Any] | None = None,
        is_saved: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.is_saved = is_saved
        members = {"code": code, "param": param, "decline_code": decline_code}
        self.body: dict[str, Any] = {
            "error": {
                "type": kind,
                "message": message,
                **{name: value for name, value in members.items() if value},
                **(extra or {}),
            }
        }


def invalid(message: str, *, param: str = "", code: str = "") -> ApiError:
    """400: the parameters are wrong; nothing was executed, nothing is saved for the key."""
    return ApiError(400, "invalid_request_error", message, param=param, code=code)


def missing(kind: str, object_id: str) -> ApiError:
    """404 of an id that this account does not have."""
    return ApiError(
        404,
        "invalid_request_error",
        f"No such {kind}: '{object_id}'",
        param="id",
        code="resource_missing",
    )


def unexpected_state(message: str, intent: dict[str, Any]) -> ApiError:
    """400 of a call that the object's status does not allow."""
    return ApiError(
        400,
        "invalid_request_error",
        message,
        code="payment_intent_unexpected_state",
        extra={"payment_intent": intent},
        is_saved=True,
    )
