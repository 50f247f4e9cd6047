"""Who is at the admin, and on which kind of page."""

from typing import cast

from django.http import HttpRequest

from accounts.models import User


def person(request: HttpRequest) -> User:
    """Return the account at work; the site lets nobody else in."""
    return cast(User, request.user)


def is_list(request: HttpRequest) -> bool:
    """Say whether a list is asked for, which leaves large columns out."""
    match = request.resolver_match
    return bool(match and match.url_name and match.url_name.endswith("changelist"))
