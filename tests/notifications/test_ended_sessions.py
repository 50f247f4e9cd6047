"""A session that was ended takes its open sockets with it, at once and not at the next check."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts import actions
from events import relay
from tests.factories.sign_in import PASSWORD, person
from tests.notifications.realtime import close_code, say

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]


@pytest.mark.row("A6", "A4")
class TestSocketsOfEndedSessions:
    def test_close_when_the_password_is_changed_elsewhere(self, realtime) -> None:
        user = person()
        client = Client()
        client.force_login(user)
        new = "a new and longer one"
        with realtime.open(user) as socket:
            say(socket, type="join", room="user")

            client.post(
                reverse("account_change_password"),
                {"oldpassword": PASSWORD, "password1": new, "password2": new},
            )
            relay.drain_all()

            assert close_code(socket, seconds=5) == 4401

    def test_close_when_staff_end_them(self, realtime) -> None:
        user = person()
        with realtime.open(user) as socket:
            say(socket, type="join", room="user")

            with transaction.atomic():
                actions.end_sessions(user=user, actor="usr_other")
            relay.drain_all()

            assert close_code(socket, seconds=5) == 4401
