"""Browser rules: strict everywhere, wider on the admin's own pages alone."""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories.sign_in import superuser, verified_client

HEADER = "Content-Security-Policy"


def rules_of(response) -> dict[str, list[str]]:
    parts = [part.split() for part in response.headers[HEADER].split(";")]
    return {part[0]: part[1:] for part in parts}


def is_wide(response) -> bool:
    written = response.headers.get(HEADER, "")
    return "unsafe-" in written


def plain_paths(patterns, prefix: str = "/") -> list[str]:
    """Return every address without parameters."""
    found = []
    for item in patterns:
        part = str(item.pattern)
        if "<" in part or "(" in part:
            continue
        address = prefix + part.lstrip("^").rstrip("$").replace("\\Z", "")
        if isinstance(item, URLResolver):
            found += plain_paths(item.url_patterns, address)
        elif isinstance(item, URLPattern):
            found.append(address)
    return found


@pytest.mark.django_db
class TestPolicy:
    @pytest.mark.row("A16")
    def test_no_address_outside_the_admin_gets_the_wider_rules(self) -> None:
        client = verified_client(superuser())
        paths = [path for path in plain_paths(get_resolver().url_patterns) if "/admin/" not in path]
        checked = [(path, is_wide(client.get(path))) for path in paths if "logout" not in path]

        assert len(checked) > 20
        assert [path for path, wide in checked if wide] == []

    def test_the_admins_pages_get_what_the_theme_needs_and_no_more(self) -> None:
        rules = rules_of(verified_client(superuser()).get("/admin/"))

        assert rules["script-src"] == ["'self'", "'unsafe-eval'"]
        assert rules["style-src"] == ["'self'", "'unsafe-inline'"]
        assert rules["default-src"] == ["'self'"]
        assert rules["frame-ancestors"] == ["'none'"]
        assert rules["object-src"] == ["'none'"]
        assert rules["form-action"] == ["'self'"]

    def test_the_way_into_the_admin_is_strict(self) -> None:
        client = Client()

        assert is_wide(client.get("/admin/login/")) is False
        assert is_wide(client.get("/account/auth/login/")) is False

    def test_the_strict_rules_allow_nothing_inline(self) -> None:
        rules = rules_of(Client().get("/account/auth/login/"))

        assert "'unsafe-inline'" not in rules["script-src"] + rules["style-src"]
        assert "'unsafe-eval'" not in rules["script-src"]
