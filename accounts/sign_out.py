"""Ending the sessions of an account, by itself or by staff."""

from importlib import import_module

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts import actions, presence
from accounts.models import User


def delete_sessions(user: User) -> int:
    """Delete every session of the account, those of apps too; returns how many. Repeats safely."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    own = [
        session.session_key
        for session in Session.objects.iterator()
        if store().decode(session.session_data).get("_auth_user_id") == str(user.pk)
    ]
    count, _each = Session.objects.filter(session_key__in=own).delete()
    transaction.on_commit(lambda: presence.drop(user.public_id))
    return int(count)


@transaction.atomic
def end_sessions(*, user_id: int, actor: str, reason: str) -> int:
    """Sign the account out everywhere; returns how many sessions ended. Repeats safely."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    count = delete_sessions(user)
    actions.end_sessions(user=user, actor=actor)
    actions.record_audit(
        actor=actor,
        action="user.end_sessions",
        subject=user.public_id,
        reason=reason,
        after={"ended": count},
    )
    return count
