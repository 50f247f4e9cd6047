"""Error and performance reports to Sentry, only when a project address is set."""

from typing import TYPE_CHECKING, Any, cast

import sentry_sdk
from django.conf import settings

from common import context
from common.logging import redact

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint


def clean(event: "Event", hint: "Hint") -> "Event":
    """Remove secrets and personal data, and add the request id that our answers carry."""
    cleaned = cast("dict[str, Any]", redact(dict(event)))
    cleaned.setdefault("tags", {})["request_id"] = context.request_id.get()
    return cast("Event", cleaned)


def start() -> None:
    """Start reporting; without SENTRY_DSN nothing happens. Called once per process."""
    if not settings.SENTRY_DSN:
        return
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.ENVIRONMENT,
        release=settings.RELEASE,
        traces_sample_rate=settings.SENTRY_TRACES_SAMPLE_RATE,
        send_default_pii=False,
        include_local_variables=False,
        before_send=clean,
    )
