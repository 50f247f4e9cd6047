"""Who is at the other end of a socket: a session's user, or whoever a token names.

A session is read as Django reads it for a page, so a changed password or a closed account ends
the socket at the next check as it ends the page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from accounts.models import User

# Turns a token into its user, or None. Reads the database.
TokenReader = Callable[[str], User | None]

_readers: list[TokenReader] = []


@dataclass(frozen=True, slots=True)
class Credential:
    """What a client proved itself with; kept in memory to prove it again."""

    session_key: str = ""
    token: str = ""


def register_token_reader(reader: TokenReader) -> None:
    """Accept a further kind of token; the same reader again changes nothing."""
    if reader not in _readers:
        _readers.append(reader)


def user_of(credential: Credential) -> User | AnonymousUser:
    """Return whom the credential proves now; nobody when it is worth nothing (any more)."""
    if credential.session_key:
        return _user_of_session(credential.session_key) or AnonymousUser()
    if credential.token:
        for reader in _readers:
            user = reader(credential.token)
            if user is not None and user.is_active:
                return user
    return AnonymousUser()


def _user_of_session(session_key: str) -> User | None:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key=session_key)
    user = get_user(request)
    return user if isinstance(user, User) and user.is_active else None


def read_session_token(token: str) -> User | None:
    """Return the user of the session token that app clients of the sign-in API hold."""
    from allauth.headless import app_settings  # reads settings when first used

    session = app_settings.TOKEN_STRATEGY.lookup_session(token)
    key = session.session_key if session is not None else None
    return _user_of_session(str(key)) if key else None
