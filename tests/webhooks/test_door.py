"""The inbound door: the order of its checks, what it stores and what it answers."""

import time

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import SecurityEntry
from events import relay
from events.models import Work
from tests.webhooks.conftest import SECRET, mark
from webhooks import failures
from webhooks.models import InboundEvent

pytestmark = pytest.mark.django_db
URL = "/api/webhooks/bell"


def ring(
    client: Client,
    body: bytes = b'{"id": "n1"}',
    *,
    secret: str = SECRET,
    at: int | None = None,
    url: str = URL,
    **extra,
):
    signed_at = str(int(time.time()) if at is None else at)
    headers = {"X-Time": signed_at, "X-Mark": mark(secret, signed_at, body)}
    return client.post(url, body, "application/json", headers=headers, **extra)


@pytest.mark.row("A5")
class TestStoring:
    @pytest.mark.parametrize(
        "url", [URL, "/webhooks/bell", "/api/webhooks/bell/", "/webhooks/bell/"]
    )
    def test_answers_as_the_provider_expects_and_keeps_the_raw_body(self, client, bell, url):
        response = ring(client, b'{"id":  "n1"}', url=url)
        assert (response.status_code, response.json()) == (200, {"word": "first", "found": None})
        [event] = InboundEvent.objects.all()
        assert bytes(event.body) == b'{"id":  "n1"}'
        assert (event.provider, event.account, event.event_id) == ("bell", "acct:", "n1")
        assert (event.business, event.address) == ("biz_1", "127.0.0.1")

    def test_takes_one_statement_once_the_endpoint_is_known(self, client, bell):
        ring(client)
        # A repeat is counted by a second one, in which the replay is told to the log as well.
        for body, count in ((b'{"id": "n2"}', 1), (b'{"id": "n2"}', 2), (b'{"id": "n3"}', 1)):
            with CaptureQueriesContext(connection) as queries:
                ring(client, body)
            assert len(queries) == count
        assert bell.reads == 1

    def test_answers_a_lookup_in_the_same_statement(self, client, bell):
        bell.lookup = True
        assert ring(client).json() == {"word": "first", "found": 42}
        assert ring(client).json() == {"word": "again", "found": 42}

    def test_keeps_accounts_apart(self, client, bell):
        ring(client)
        ring(client, secret="other", url=f"{URL}/wep_1")
        assert sorted(InboundEvent.objects.values_list("account", "duplicates")) == [
            ("acct:", 0),
            ("acct:wep_1", 0),
        ]

    def test_never_touches_session_or_user(self, client, bell):
        client.cookies["frontdesk_session"] = "somebody"
        ring(client)
        with CaptureQueriesContext(connection) as queries:
            ring(client, b'{"id": "n2"}')
        assert "django_session" not in " ".join(q["sql"] for q in queries)


@pytest.mark.row("C9")
class TestRepeats:
    def test_are_counted_acknowledged_and_told_once(self, client, bell):
        for _ in range(4):
            assert ring(client).status_code == 200
        [event] = InboundEvent.objects.all()
        assert (event.duplicates, event.has_conflict) == (3, False)
        [entry] = SecurityEntry.objects.all()
        assert (entry.kind, entry.subject) == ("webhook.replayed", event.public_id)

    @pytest.mark.django_db(transaction=True)
    def test_have_no_second_effect(self, client, bell):
        ring(client)
        relay.drain_all()
        ring(client)
        relay.drain_all()
        assert bell.processed == ["n1"]

    @pytest.mark.django_db(transaction=True)
    def test_with_other_content_are_flagged_and_have_no_effect(self, client, bell):
        ring(client)
        response = ring(client, b'{"id": "n1", "amount": 9}')
        assert response.status_code == 200
        [event] = InboundEvent.objects.all()
        assert (event.has_conflict, bytes(event.body)) == (True, b'{"id": "n1"}')
        relay.drain_all()
        assert bell.processed == ["n1"]
        [entry] = SecurityEntry.objects.filter(kind="webhook.conflict")
        assert entry.severity == "alert"


@pytest.mark.row("C9")
class TestForged:
    def test_is_refused_and_told(self, client, bell):
        response = ring(client, secret="guess")
        assert response.status_code == 403
        assert response.json()["code"] == "BAD_SIGNATURE"
        assert InboundEvent.objects.count() == 0
        [entry] = SecurityEntry.objects.all()
        assert (entry.kind, entry.severity, entry.address) == (
            "webhook.forged",
            "alert",
            "127.0.0.1",
        )
        assert failures.forged_today("bell") == 1

    @pytest.mark.parametrize(("age", "status"), [(299, 200), (-299, 200), (302, 403), (-302, 403)])
    def test_is_too_old_or_from_the_future(self, client, bell, age, status):
        with time_machine.travel(1795142000, tick=False):
            assert ring(client, at=1795142000 - age).status_code == status

    @pytest.mark.parametrize("header", ["", "zzz", "é" * 64])
    def test_has_no_readable_signature(self, client, bell, header):
        response = client.post(
            URL, b"{}", "application/json", headers={"X-Time": "1795142000", "X-Mark": header}
        )
        assert response.status_code == 403

    def test_writes_one_entry_a_minute_and_address(self, client, bell):
        with time_machine.travel(1795142000, tick=False):
            for _ in range(5):
                ring(client, secret="guess")
        assert SecurityEntry.objects.count() == 1

    def test_may_be_answered_in_the_providers_own_way(self, client, bell):
        from webhooks.sources import Reply

        bell.forged = Reply(body=b'{"RspCode": "97"}')
        response = ring(client, secret="guess")
        assert (response.status_code, response.content) == (200, b'{"RspCode": "97"}')


class TestSecrets:
    def test_are_read_again_once_when_verification_fails(self, client, bell):
        ring(client)
        bell.secrets[""] = ("rolled",)
        assert ring(client, b'{"id": "n2"}', secret="rolled").status_code == 200
        assert bell.reads == 2
        assert ring(client, b'{"id": "n3"}', secret="guess").status_code == 403
        assert bell.reads == 2

    def test_all_count_while_one_is_rolled(self, client, bell):
        bell.secrets[""] = ("new", SECRET)
        assert ring(client).status_code == 200
        assert ring(client, b'{"id": "n2"}', secret="new").status_code == 200

    def test_are_never_older_than_five_seconds(self, client, bell, monkeypatch):
        from webhooks import endpoints

        ring(client)
        monkeypatch.setattr(endpoints, "FRESH_SECONDS", 0.0)
        ring(client, b'{"id": "n2"}')
        assert bell.reads == 2


class TestLimits:
    def test_refuse_more_than_a_megabyte_by_header_and_while_reading(self, client, bell, settings):
        settings.WEBHOOK_MAX_BYTES = 100
        body = b'{"id": "n1", "x": "' + b"a" * 100 + b'"}'
        response = ring(client, body)
        assert (response.status_code, response.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
        assert InboundEvent.objects.count() == 0

    def test_stand_at_a_megabyte(self, settings):
        assert settings.WEBHOOK_MAX_BYTES == 1_000_000

    @pytest.mark.row("C10")
    def test_count_failures_only(self, client, bell, settings):
        settings.WEBHOOK_FAILURES_PER_GATEWAY = 3
        for _ in range(3):
            assert ring(client, secret="guess").status_code == 403
        limited = ring(client, secret="guess")
        assert (limited.status_code, limited.json()["code"]) == (429, "RATE_LIMITED")
        assert int(limited["Retry-After"]) <= 60
        assert ring(client).status_code == 200

    @pytest.mark.row("A17")
    def test_hold_for_an_address_over_all_gateways(self, client, bell, settings):
        settings.WEBHOOK_FAILURES_PER_ADDRESS = 2
        for _ in range(2):
            ring(client, secret="guess")
        assert ring(client, secret="guess").status_code == 429
        other = ring(client, secret="guess", REMOTE_ADDR="203.0.113.9")
        assert other.status_code == 403

    def test_have_the_promised_figures(self, settings):
        assert settings.WEBHOOK_FAILURES_PER_ADDRESS == 100
        assert settings.WEBHOOK_FAILURES_PER_GATEWAY == 50


class TestUnknown:
    @pytest.mark.parametrize("url", ["/api/webhooks/nobody", f"{URL}/wep_absent"])
    def test_answers_404_in_the_envelope(self, client, bell, url):
        response = ring(client, url=url)
        assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")

    def test_method_is_not_served(self, client, bell):
        assert client.put(URL, b"{}", "application/json").status_code == 404


class TestReadable:
    @pytest.mark.parametrize(
        "body",
        [
            b"[1]",
            b"{",
            b'{"id": NaN}',
            b'{"id": Infinity}',
            b'{"id": 1e999}',
            b'{"id": "a\\u0000"}',
            b'{"id": "\\ud800"}',
            b'{"id": "a", "id": "b"}',
            b'{"id": 1234567890123456789}',
            b'{"id": "\xff"}',
            b'{"id": ' + b"[" * 33 + b"1" + b"]" * 33 + b"}",
            b"[" * 100_000,
            b"{}",
        ],
    )
    def test_refuses_what_two_parsers_may_read_differently(self, client, bell, body):
        response = ring(client, body)
        assert (response.status_code, response.json()["code"]) == (400, "MALFORMED_NOTICE")
        assert InboundEvent.objects.count() == 0

    def test_takes_31_levels_and_18_digits(self, client, bell):
        body = b'{"id": "n1", "n": -123456789012345678, "x": ' + b"[" * 30 + b"1" + b"]" * 30 + b"}"
        assert ring(client, body).status_code == 200


class TestProcessing:
    @pytest.mark.row("C15")
    @pytest.mark.django_db(transaction=True)
    def test_retries_and_ends_dead_where_it_can_be_replayed(self, client, bell):
        bell.fails = 1
        ring(client)
        relay.drain_all()
        [event] = InboundEvent.objects.all()
        assert (event.state, event.attempts, bell.processed) == (Work.State.OPEN, 1, [])
        InboundEvent.objects.update(due_at=event.received_at)
        relay.drain_all()
        event.refresh_from_db()
        assert (event.state, event.outcome, bell.processed) == (Work.State.DONE, "applied", ["n1"])

    def test_shows_payloads_redacted(self, client, bell):
        ring(client, b'{"id": "n1", "client_secret": "x", "email": "a@b.test", "amount": 5}')
        assert InboundEvent.objects.get().redacted_payload == {
            "id": "n1",
            "client_secret": "[redacted]",
            "email": "[redacted]",
            "amount": 5,
        }


class TestOutage:
    def test_of_the_database_asks_the_provider_to_come_back(self, client, bell, monkeypatch):
        from django.db import OperationalError

        from common.postgres import direct

        class Broken:
            def __getattr__(self, name):
                raise OperationalError("gone")

        ring(client)
        monkeypatch.setattr(direct, "connection", Broken())
        response = ring(client, b'{"id": "n2"}')
        assert (response.status_code, response.json()["code"]) == (503, "BUSY")
        assert response["Retry-After"] == "1"
