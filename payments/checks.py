"""Settings that must not go together."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error


def check_sandbox(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """payments.E001: the sandbox takes no real money, so production must not have it."""
    if settings.SANDBOX_GATEWAY_ENABLED and settings.ENVIRONMENT == "production":
        return [
            Error(
                "The sandbox gateway is enabled in production.",
                hint="Set SANDBOX_GATEWAY_ENABLED to False.",
                id="payments.E001",
            )
        ]
    return []
