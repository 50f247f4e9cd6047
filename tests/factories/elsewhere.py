"""People as Discord, Google and GitHub know them, and the way there and back."""

from typing import Any
from urllib.parse import urlsplit

import httpx
from django.test import Client
from django.urls import reverse

PROVIDERS = ("discord", "google", "github")
EMAIL = "tuyet@example.test"


def known_as(provider: str, *, email: str = EMAIL, is_verified: bool = True) -> dict[str, Any]:
    """Return Tuyết as the provider knows her."""
    people: dict[str, dict[str, Any]] = {
        "discord": {
            "id": "80351110224678912",
            "username": "tuyet",
            "global_name": "Tuyết",
            "discriminator": "0",
            "avatar": None,
            "locale": "vi",
            "email": email,
            "verified": is_verified,
        },
        "google": {
            "sub": "10769150350006150715113082367",
            "email": email,
            "email_verified": is_verified,
            "name": "Nguyễn Tuyết",
            "given_name": "Tuyết",
            "family_name": "Nguyễn",
        },
        "github": {
            "user": {"id": 583231, "login": "tuyet", "name": "Nguyễn Tuyết", "email": None},
            "emails": [{"email": email, "primary": True, "verified": is_verified}],
        },
    }
    return people[provider]


def leave(client: Client, provider: str, process: str = "login") -> str:
    """Press the button; returns the provider's address the browser is sent to."""
    answer = client.post(reverse(f"{provider}_login") + f"?process={process}")
    assert answer.status_code == 302
    return answer.headers["Location"]


def come_back(client: Client, address: str) -> Any:
    """Open the provider's page, which sends the person back with a code."""
    sent = httpx.get(address)
    assert sent.status_code == 302, sent.text
    parts = urlsplit(sent.headers["Location"])
    return client.get(f"{parts.path}?{parts.query}")


def go(client: Client, provider: str, process: str = "login") -> Any:
    """Press the button, consent there, and come back."""
    return come_back(client, leave(client, provider, process))


def is_in(client: Client) -> bool:
    """Say whether the browser is signed in."""
    return client.get(reverse("account_settings")).status_code == 200
