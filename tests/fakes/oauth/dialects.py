"""How each provider words its answers. A route returns status, content type and body."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from .codes import Provider, Refused

Answer = tuple[int, str, str]
# Takes the provider, the form of a POST (empty for GET) and the request's headers.
Route = Callable[[Provider, dict[str, str], dict[str, str]], Answer]
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JSON = "application/json"


def _json(body: Any, status: int = 200) -> Answer:
    return status, JSON, json.dumps(body)


def _bearer(provider: Provider, headers: dict[str, str], word: str) -> dict[str, Any]:
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() != word:
        raise Refused("invalid_token")
    return provider.holder(token).person


def discord_token(provider: Provider, form: dict[str, str], _headers: dict[str, str]) -> Answer:
    """https://discord.com/developers/docs/topics/oauth2#authorization-code-grant"""
    try:
        token, grant = provider.redeem(form)
    except Refused as refusal:
        status = 401 if refusal.code == "invalid_client" else 400
        return _json({"error": refusal.code}, status)
    return _json(
        {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 604800,
            "refresh_token": f"refresh-{token}",
            "scope": grant.scope,
        }
    )


def discord_me(provider: Provider, _form: dict[str, str], headers: dict[str, str]) -> Answer:
    """https://discord.com/developers/docs/resources/user#get-current-user"""
    try:
        return _json(_bearer(provider, headers, "bearer"))
    except Refused:
        return _json({"message": "401: Unauthorized", "code": 0}, 401)


def google_token(provider: Provider, form: dict[str, str], _headers: dict[str, str]) -> Answer:
    """https://developers.google.com/identity/openid-connect/openid-connect#exchangecode"""
    try:
        token, grant = provider.redeem(form)
    except Refused as refusal:
        status = 401 if refusal.code == "invalid_client" else 400
        return _json({"error": refusal.code, "error_description": "Bad Request"}, status)
    now = int(time.time())
    claims = {
        "iss": "https://accounts.google.com",
        "azp": grant.client_id,
        "aud": grant.client_id,
        "iat": now,
        "exp": now + 3600,
        **grant.person,
    }
    return _json(
        {
            "access_token": token,
            "expires_in": 3599,
            "scope": "openid " + grant.scope,
            "token_type": "Bearer",
            "id_token": jwt.encode(claims, _KEY, algorithm="RS256", headers={"kid": "fake"}),
        }
    )


def github_token(provider: Provider, form: dict[str, str], headers: dict[str, str]) -> Answer:
    """https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps

    Refusals are 200 as well; the form encoding is the default.
    """
    body: dict[str, str]
    try:
        token, grant = provider.redeem(form)
        body = {"access_token": token, "scope": grant.scope, "token_type": "bearer"}
    except Refused as refusal:
        words = {
            "invalid_grant": "bad_verification_code",
            "invalid_client": "incorrect_client_credentials",
        }
        body = {"error": words.get(refusal.code, refusal.code)}
    if JSON in headers.get("accept", ""):
        return _json(body)
    return 200, "application/x-www-form-urlencoded; charset=utf-8", urlencode(body)


def github_user(provider: Provider, _form: dict[str, str], headers: dict[str, str]) -> Answer:
    """https://docs.github.com/en/rest/users/users#get-the-authenticated-user"""
    return _github(provider, headers, lambda person: person["user"])


def github_emails(provider: Provider, _form: dict[str, str], headers: dict[str, str]) -> Answer:
    """https://docs.github.com/en/rest/users/emails#list-email-addresses-for-the-authenticated-user"""
    return _github(provider, headers, lambda person: person["emails"])


def _github(
    provider: Provider, headers: dict[str, str], part: Callable[[dict[str, Any]], Any]
) -> Answer:
    try:
        return _json(part(_bearer(provider, headers, "token")))
    except Refused:
        return _json({"message": "Bad credentials", "status": "401"}, 401)


# Path -> (provider, what answers; None: the page where people consent).
ROUTES: dict[str, tuple[str, Route | None]] = {
    "/oauth2/authorize": ("discord", None),
    "/api/v10/oauth2/token": ("discord", discord_token),
    "/api/v10/users/@me": ("discord", discord_me),
    "/o/oauth2/v2/auth": ("google", None),
    "/token": ("google", google_token),
    "/login/oauth/authorize": ("github", None),
    "/login/oauth/access_token": ("github", github_token),
    "/api/v3/user": ("github", github_user),
    "/api/v3/user/emails": ("github", github_emails),
}
