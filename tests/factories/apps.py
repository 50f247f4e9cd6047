"""An app as it signs its user in: JSON, tokens, no cookies."""

from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from accounts.models import User
from tests.factories.sign_in import PASSWORD

API = "/api/auth/app/v1"


@dataclass
class App:
    """One installation; keeps what the last answers handed out."""

    agent: str = "Frontdesk/1.0 (Android 17)"
    client_id: str = "0123456789abcdef0123456789abcdef"
    address: str = "198.51.100.7"
    access: str = ""
    refresh: str = ""
    session: str = ""
    http: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send JSON with whichever token there is."""
        own = {"X-Client-Id": self.client_id, "User-Agent": self.agent}
        if self.access:
            own["Authorization"] = f"Bearer {self.access}"
        elif self.session:
            own["X-Session-Token"] = self.session
        call = getattr(self.http, method)
        more = {} if method == "get" else {"content_type": "application/json"}
        data = (body if body is not None else {},) if method != "get" else ()
        answer = call(path, *data, headers=own | headers, REMOTE_ADDR=self.address, **more)
        found = answer.json() if answer.content else {}
        meta = found.get("meta") or {}
        self.session = meta.get("session_token", self.session)
        self.access = meta.get("access_token", self.access)
        self.refresh = meta.get("refresh_token", self.refresh)
        return answer

    def sign_in(self, user: User) -> Any:
        """Send address and password."""
        return self.send("post", f"{API}/auth/login", {"email": user.email, "password": PASSWORD})

    def exchange(self, refresh: str = "") -> Any:
        """Exchange the refresh token, or the one given, and keep the new ones."""
        answer = Client().post(
            f"{API}/tokens/refresh",
            {"refresh_token": refresh or self.refresh},
            content_type="application/json",
            REMOTE_ADDR=self.address,
        )
        data = answer.json().get("data") or {}
        self.access = data.get("access_token", self.access)
        self.refresh = data.get("refresh_token", self.refresh)
        return answer

    def me(self) -> int:
        """Ask who is signed in; returns the status."""
        return int(self.send("get", "/api/v1/me").status_code)


def token_of(user: User) -> str:
    """Sign a `person` in by app and return the access token."""
    app = App()
    assert app.sign_in(user).status_code == 200
    return app.access
