"""What every dialect shares: consent, codes that work once, access tokens."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any


class Refused(Exception):
    """A request the provider refuses; `code` is OAuth's word for it (RFC 6749, 5.2)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Grant:
    """What was consented to, until its code is redeemed."""

    person: dict[str, Any]
    client_id: str
    redirect_uri: str
    scope: str
    challenge: str


@dataclass(slots=True)
class Provider:
    """One provider's state. `person` is who consents next; None declines."""

    client_id: str
    client_secret: str
    person: dict[str, Any] | None = None
    grants: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, Grant] = field(default_factory=dict)

    def consent(self, query: dict[str, str]) -> dict[str, str]:
        """Return the parameters with which the person is sent back."""
        if query.get("client_id") != self.client_id or query.get("response_type") != "code":
            raise Refused("invalid_request")
        state = {"state": query["state"]} if "state" in query else {}
        if self.person is None:
            return {"error": "access_denied", **state}
        if query.get("code_challenge") and query.get("code_challenge_method") != "S256":
            raise Refused("invalid_request")
        code = secrets.token_urlsafe(16)
        self.grants[code] = Grant(
            person=dict(self.person),
            client_id=self.client_id,
            redirect_uri=query["redirect_uri"],
            scope=query.get("scope", ""),
            challenge=query.get("code_challenge", ""),
        )
        return {"code": code, **state}

    def redeem(self, form: dict[str, str]) -> tuple[str, Grant]:
        """Return an access token for a code; raises Refused."""
        if form.get("client_id") != self.client_id:
            raise Refused("invalid_client")
        if form.get("client_secret") != self.client_secret:
            raise Refused("invalid_client")
        if form.get("grant_type") != "authorization_code":
            raise Refused("unsupported_grant_type")
        grant = self.grants.pop(form.get("code", ""), None)
        if grant is None or grant.redirect_uri != form.get("redirect_uri"):
            raise Refused("invalid_grant")
        if grant.challenge and grant.challenge != _challenge(form.get("code_verifier", "")):
            raise Refused("invalid_grant")
        token = secrets.token_urlsafe(24)
        self.tokens[token] = grant
        return token, grant

    def holder(self, token: str) -> Grant:
        """Return what the token was granted; raises Refused."""
        if token not in self.tokens:
            raise Refused("invalid_token")
        return self.tokens[token]


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
