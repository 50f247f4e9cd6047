"""The list of users shows who has a page open, who left it open, and when people were last seen."""

import asyncio
import datetime as dt
import json
import time
from typing import Any

import pytest
import redis
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import presence
from accounts.models import AuditEntry, SecurityEntry, User
from accounts.presence import IDLE_AFTER
from notifications.realtime.presence import PresenceReader, PresenceWriter, lifetime
from tests.factories.accounts import BusinessFactory, UserFactory
from tests.factories.sign_in import staff_of, superuser, verified_client
from tests.notifications.realtime import Realtime, close_code, say, session_of, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.row("E4", "E11")]
ACTIVE = "fd:presence:active"


@pytest.fixture
def boss() -> Client:
    return verified_client(superuser())


@pytest.fixture
def store():
    with redis.Redis.from_url(settings.SOCKETS_REDIS_URL) as client:
        yield client


def listed(boss: Client, query: str = "") -> dict[str, str]:
    page = boss.get(f"/admin/accounts/user/{query}")
    assert page.status_code == 200
    return {row.email: row.presence.state for row in page.context["cl"].result_list}


def state_of(user: User) -> str:
    return presence.read([user.public_id])[user.public_id].state


def press(boss: Client, user: User, name: str, **values: str) -> int:
    return boss.post(f"/admin/accounts/user/{user.pk}/do/{name}/", values).status_code


class TestPresence:
    def test_follows_the_sockets_of_all_processes(
        self, realtime: Realtime, second_realtime: Realtime, boss: Client, store: redis.Redis
    ) -> None:
        user, away = UserFactory(), UserFactory()
        sockets = f"fd:presence:sockets:{user.public_id}"
        before = listed(boss)

        with realtime.open(user):
            until(lambda: state_of(user) == "online")
            with second_realtime.open(user):
                until(lambda: store.zcard(sockets) == 2)
                during = listed(boss)
            until(lambda: store.zcard(sockets) == 1)
            still = state_of(user)
        until(lambda: state_of(user) == "offline")
        after = presence.read([user.public_id])[user.public_id]

        assert (before[user.email], during[user.email], still) == ("offline", "online", "online")
        assert during[away.email] == "offline"
        assert after.last_seen is not None
        assert timezone.now() - after.last_seen < dt.timedelta(seconds=30)

    def test_a_page_left_open_is_idle_until_its_person_acts(
        self, realtime: Realtime, boss: Client, store: redis.Redis
    ) -> None:
        user = UserFactory()

        with realtime.open(user) as client:
            until(lambda: state_of(user) == "online")
            long_ago = time.time() - IDLE_AFTER.total_seconds() - 1
            store.zadd(ACTIVE, {user.public_id: long_ago})
            client.send(json.dumps({"type": "ping", "active": False}))
            say(client, type="ping")
            idle = listed(boss)[user.email]
            client.send(json.dumps({"type": "ping", "active": True}))
            until(lambda: state_of(user) == "online")

        assert idle == "idle"

    def test_who_signs_in_by_token_later_counts_from_then(self, realtime: Realtime) -> None:
        user = UserFactory()

        with realtime.open(None):
            assert state_of(user) == "offline"
            with realtime.open(user):
                until(lambda: state_of(user) == "online")

    def test_sockets_of_a_dead_process_run_out(
        self, realtime: Realtime, store: redis.Redis
    ) -> None:
        user = UserFactory()

        with realtime.open(user):
            until(lambda: state_of(user) == "online")
            key = f"fd:presence:sockets:{user.public_id}"
            left = store.ttl(key)
            sockets: Any = store.zrange(key, 0, -1, withscores=True)
            scores = [float(score) for _socket, score in sockets]

            assert 0 < left <= lifetime() + 1
            assert all(time.time() < score <= time.time() + lifetime() for score in scores)

    def test_the_list_can_be_limited_to_who_is_here(self, realtime: Realtime, boss: Client) -> None:
        user, away = UserFactory(), UserFactory()

        with realtime.open(user):
            until(lambda: state_of(user) == "online")
            found = listed(boss, "?here=now")

        assert found[user.email] == "online"
        assert away.email not in found

    def test_the_list_costs_the_same_for_many(
        self, boss: Client, django_assert_num_queries, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[int] = []
        read = PresenceReader.read

        def counted(self: PresenceReader, ids: list[str]):
            asked.append(len(ids))
            return read(self, ids)

        monkeypatch.setattr(PresenceReader, "read", counted)
        for _ in range(20):
            UserFactory()

        listed(boss)

        assert asked == [User.objects.count()]

    def test_only_superusers_see_it(self) -> None:
        owner = verified_client(staff_of(BusinessFactory()))

        assert owner.get("/admin/accounts/user/").status_code == 403

    def test_without_redis_the_list_still_answers(self, boss: Client, settings) -> None:
        from notifications.realtime import publisher

        kept = dict(publisher._clients)
        publisher._clients.clear()
        settings.SOCKETS_REDIS_URL = "redis://127.0.0.1:1/0"
        try:
            user = UserFactory()
            assert listed(boss)[user.email] == "offline"
            assert listed(boss, "?here=now") == {}
        finally:
            publisher._clients.clear()
            publisher._clients.update(kept)


class TestAccessControl:
    def test_locking_closes_open_pages_at_once(self, realtime: Realtime, boss: Client) -> None:
        user = UserFactory()

        with realtime.open(user) as client:
            until(lambda: state_of(user) == "online")
            assert press(boss, user, "lock", reason="Left the company") == 302
            code = close_code(client)
        until(lambda: state_of(user) == "offline")

        assert code == 4401

    def test_ending_sessions_signs_out_everywhere_but_leaves_the_account(
        self, realtime: Realtime, boss: Client
    ) -> None:
        user, other = UserFactory(), UserFactory()
        page, bystander = Client(), Client()
        page.force_login(user)
        bystander.force_login(other)
        session_of(user)

        with realtime.open(user) as client:
            until(lambda: state_of(user) == "online")
            refused = press(boss, user, "end-sessions", reason="")
            done = press(boss, user, "end-sessions", reason="Lost phone")
            code = close_code(client)

        user.refresh_from_db()
        assert (refused, done, code) == (400, 302, 4401)
        assert page.get(reverse("account_settings")).status_code == 302
        assert bystander.get(reverse("account_settings")).status_code == 200
        assert user.is_active is True
        entry = AuditEntry.objects.get(action="user.end_sessions")
        assert (entry.reason, entry.after) == ("Lost phone", {"ended": "3"})


class TestActivity:
    def test_the_users_page_tells_what_they_did_and_what_happened_to_them(
        self, boss: Client
    ) -> None:
        user = UserFactory(full_name="Trần Quốc Bảo")
        AuditEntry.objects.create(actor=user.public_id, action="payment.refund", subject="pay_1")
        AuditEntry.objects.create(actor="usr_boss", action="user.lock", subject=user.public_id)
        SecurityEntry.objects.create(
            kind="sign_in.failed", subject=user.public_id, address="203.0.113.7"
        )

        page = boss.get(f"/admin/accounts/user/{user.pk}/change/")

        titles = [entry.title for entry in page.context["entries"]]
        assert titles == ["Sign in failed", "Account locked", "Refund asked for"]
        assert "203.0.113.7" in page.content.decode()


class TestWriter:
    def test_a_redis_that_is_away_costs_no_socket(self, settings) -> None:
        settings.SOCKETS_REDIS_URL = "redis://127.0.0.1:1/0"
        writer = PresenceWriter()

        async def write() -> None:
            async with asyncio.timeout(5):
                for _ in range(50):
                    await writer.note(user="usr_1", socket="s", is_active=True)
                    await writer.leave(user="usr_1", socket="s")

        asyncio.run(write())
