"""Sockets of devices: they prove themselves by session or access token, and end with them."""

import time

import pytest
from django.test import Client

from accounts.models import Device, User
from events import relay
from tests.factories.accounts import UserFactory
from tests.factories.apps import App
from tests.factories.sign_in import person, signed_in_client
from tests.notifications.realtime import close_code, say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.row("E2", "A4")]


@pytest.fixture
def user() -> User:
    return person()


@pytest.fixture
def app(user: User) -> App:
    found = App()
    assert found.sign_in(user).status_code == 200
    return found


def bearer(app: App) -> dict[str, str]:
    return {"Authorization": f"Bearer {app.access}"}


class TestAnAccessToken:
    def test_opens_a_socket(self, realtime, app, user):
        with realtime.open(origin=None, headers=bearer(app)) as client:
            assert say(client, type="join", room="user") == {"type": "joined", "room": "user"}

        with realtime.open(origin=None) as client:
            answer = say(client, type="authenticate", token=app.access)
            assert answer == {"type": "authenticated", "id": user.public_id}

    def test_takes_the_place_of_the_one_before(self, realtime, app, user):
        with realtime.open(origin=None, headers=bearer(app)) as client:
            assert app.exchange().status_code == 200
            answer = say(client, type="authenticate", token=app.access)

        assert answer == {"type": "authenticated", "id": user.public_id}

    def test_is_not_a_refresh_token(self, realtime, app):
        with realtime.open(origin=None, headers={"Authorization": f"Bearer {app.refresh}"}) as one:
            assert say(one, type="join", room="user")["code"] == "NOT_SIGNED_IN"


class TestAnEndedDevice:
    def test_loses_its_sockets_within_seconds(self, realtime, app, user):
        desk = signed_in_client(user)
        device = Device.objects.get(kind="app")

        with realtime.open(origin=None, headers=bearer(app)) as client:
            say(client, type="join", room="user")
            started_at = time.monotonic()
            assert desk.delete(f"/api/v1/devices/{device.public_id}").json() == {"ended": 1}
            relay.drain_all()
            assert close_code(client, seconds=5) == 4401

        assert time.monotonic() - started_at < 5

    def test_loses_them_by_reuse_of_a_refresh_token(self, realtime, app):
        stolen = app.refresh
        app.exchange()

        with realtime.open(origin=None, headers=bearer(app)) as client:
            say(client, type="join", room="user")
            assert app.exchange(stolen).status_code == 400
            relay.drain_all()
            assert close_code(client, seconds=5) == 4401

    def test_leaves_the_sockets_of_others_open(self, realtime, app, user):
        desk = signed_in_client(user)
        cookie = {"Cookie": f"frontdesk_session={desk.session.session_key}"}
        device = Device.objects.get(kind="app")

        with (
            realtime.open(headers=cookie) as own,
            realtime.open(UserFactory()) as other,
            realtime.open(origin=None, headers=bearer(app)) as lost,
        ):
            for client in (own, other, lost):
                say(client, type="join", room="user")
            desk.delete(f"/api/v1/devices/{device.public_id}")
            relay.drain_all()
            assert close_code(lost, seconds=5) == 4401
            assert say(own, type="ping") == {"type": "pong"}
            assert say(other, type="ping") == {"type": "pong"}

    def test_loses_the_page_it_signed_out_from(self, realtime, user):
        desk = signed_in_client(user)
        cookie = {"Cookie": f"frontdesk_session={desk.session.session_key}"}

        with realtime.open(headers=cookie) as client:
            say(client, type="join", room="user")
            desk.post("/account/auth/logout/")
            relay.drain_all()
            assert close_code(client, seconds=5) == 4401


def test_an_api_key_opens_no_socket(realtime, business):
    from tests.factories.accounts import make_key

    headers = {"Authorization": f"Bearer {make_key(business)[1]}"}
    with realtime.open(origin=None, headers=headers) as client:
        assert say(client, type="join", room="user")["code"] == "NOT_SIGNED_IN"
    assert Client().get("/ws/").status_code == 404
