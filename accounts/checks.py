"""Settings that must not go together."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error


def check_addresses(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """accounts.E001: what proves or judges a person travels encrypted in production."""
    if settings.ENVIRONMENT != "production":
        return []
    asked = [url for found in settings.SIGN_IN_ADDRESSES.values() for url in found.values()]
    return [
        Error(
            f"{url} is not https.",
            hint="Set DISCORD_API_BASE, GOOGLE_BASE, GITHUB_BASE and PASSWORD_BREACH_API to https.",
            id="accounts.E001",
        )
        for url in [*asked, settings.PASSWORD_BREACH_API]
        if url and not url.startswith("https://")
    ]
