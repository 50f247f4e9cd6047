"""A shop on a frozen Thursday in June 2028, and callers of its API."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from accounts.models import User
from bookings.api import availability
from bookings.models import Tier
from tests.factories.bookings import NINE, NOW, make_shop


@dataclass
class Caller:
    """One client of the API: a guest unless somebody signed in."""

    http: Client = field(default_factory=Client)
    client_id: str = field(default_factory=lambda: secrets.token_hex(16))
    token: str = ""
    bearer: str = ""

    def get(self, path: str, **headers: str) -> Any:
        return self.http.get(path, headers={**self._own(), **headers})

    def send(
        self, path: str, body: Any = None, *, key: str | None = "", method: str = "post", **headers
    ) -> Any:
        """Send JSON; `key` None leaves the Idempotency-Key out, empty makes a fresh one."""
        if key is not None:
            headers["Idempotency-Key"] = key or secrets.token_hex(16)
        call = getattr(self.http, method)
        return call(
            path,
            body if body is not None else {},
            content_type="application/json",
            headers={**self._own(), **headers},
        )

    def _own(self) -> dict[str, str]:
        own = {"X-Client-Id": self.client_id}
        if self.bearer:
            own["Authorization"] = f"Bearer {self.bearer}"
        return {**own, "X-Booking-Token": self.token} if self.token else own


def signed_in(user: User) -> Caller:
    caller = Caller()
    caller.http.force_login(user)
    return caller


def wish(tier: Tier, /, **changes: Any) -> dict[str, Any]:
    """A valid body of `POST bookings` for nine o'clock."""
    return {
        "business": tier.service.business.slug,
        "tier": tier.public_id,
        "starts_at": NINE.isoformat(),
        "customer": {"name": "Lan Nguyen", "email": "lan@example.com"},
        **changes,
    }


@pytest.fixture(autouse=True)
def june():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def no_other_sessions(transactional_db):
    """End what other threads and processes left open, or the database could not be dropped."""
    yield
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def tier(db) -> Tier:
    return make_shop()


@pytest.fixture
def guest() -> Caller:
    return Caller()


@pytest.fixture(autouse=True)
def empty_process():
    """Forget what this process has kept of earlier tests."""
    availability._owners.clear()


@pytest.fixture
def many_requests(settings):
    """Limits out of the way, for tests about something else."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 1_000_000)
