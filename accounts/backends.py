"""Reading the signed-in account by a plain statement; who may sign in is allauth's to say."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db import connection

from accounts.models import User

_NAMES = [field.attname for field in User._meta.concrete_fields]
_READ = f"SELECT {', '.join(_NAMES)} FROM {User._meta.db_table} WHERE id = %s"  # noqa: S608  names of our own model


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth carries no types
    """allauth's backend; every request of everybody signed in comes through `get_user`."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the account of a session; None when it is gone or was closed."""
        with connection.cursor() as cursor:
            cursor.execute(_READ, [user_id])
            row = cursor.fetchone()
        if row is None:
            return None
        user = User.from_db("default", _NAMES, row)
        return user if self.user_can_authenticate(user) else None
