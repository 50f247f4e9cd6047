"""API keys as programs and owners meet them: by HTTP."""

import re

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.api_keys import reading, usage
from accounts.models import ApiKey, AuditEntry, Business, Role, SecurityEntry, User
from tests.factories.accounts import BusinessFactory, MembershipFactory, make_key
from tests.factories.sign_in import person, signed_in_client

LIST = "/api/v1/bookings"
KEYS = "/api/v1/api-keys"
NOON = 1_800_000_000.0
pytestmark = [pytest.mark.django_db, pytest.mark.row("D2")]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def new_process():
    reading._kept.clear()
    usage.forget()


@pytest.fixture
def business() -> Business:
    return BusinessFactory(slug="lotus-spa")


@pytest.fixture
def owner(business: Business) -> Client:
    user = person()
    MembershipFactory(user=user, business=business)
    return signed_in_client(user)


def ask(secret: str, path: str = LIST, *, scheme: str = "Bearer", address: str = "198.51.100.7"):
    headers = {"Authorization": f"{scheme} {secret}"}
    return Client(REMOTE_ADDR=address).get(path, headers=headers)


def make(client: Client, **changes):
    body = {"business": "lotus-spa", "name": "Till", "scopes": ["bookings:read"], **changes}
    return client.post(KEYS, body, content_type="application/json")


class TestAKey:
    def test_is_shown_once_and_kept_as_a_hash(self, owner: Client) -> None:
        made = make(owner)

        secret = made.json()["secret"]
        assert made.status_code == 201
        assert re.fullmatch(r"fd_live_[0-9A-Za-z]{36}", secret)
        assert made.headers["Cache-Control"] == "no-store"
        row = ApiKey.objects.get()
        assert (row.prefix, row.last4) == (secret[:12], secret[-4:])
        with connection.cursor() as cursor:
            cursor.execute("SELECT row_to_json(k)::text FROM accounts_apikey k")
            assert secret[12:-4] not in cursor.fetchone()[0]
        assert secret[12:-4] not in owner.get(KEYS).content.decode()
        records = [*AuditEntry.objects.values(), *SecurityEntry.objects.values()]
        assert secret[12:-4] not in str(records)

    def test_opens_what_its_scope_names_and_nothing_else(self, business: Business) -> None:
        _key, secret = make_key(business, "bookings:read")

        assert ask(secret).status_code == 200
        refused = ask(secret, "/api/v1/payments")
        assert (refused.status_code, refused.json()["code"]) == (403, "MISSING_SCOPE")
        assert refused.json()["details"][0]["message"] == "payments:read"
        for path in ("/api/v1/me", KEYS):
            answer = ask(secret, path)
            assert (answer.status_code, answer.json()["code"]) == (403, "NOT_FOR_API_KEYS")

    def test_is_read_with_one_statement_and_then_from_memory(self, business: Business) -> None:
        _key, secret = make_key(business, "bookings:read")

        with CaptureQueriesContext(connection) as first:
            ask(secret)
        with CaptureQueriesContext(connection) as second:
            ask(secret)

        about_keys = [q for q in second.captured_queries if "accounts_" in q["sql"][:60]]
        assert len([q for q in first.captured_queries if "accounts_apikey" in q["sql"]]) == 2
        assert about_keys == []
        assert len(second.captured_queries) == 1

    def test_is_taken_from_the_header_alone(self, business: Business) -> None:
        _key, secret = make_key(business)

        assert Client().get(LIST, {"api_key": secret}).status_code == 401
        assert Client().get(LIST, {"token": secret}).status_code == 401
        assert Client().get(LIST, headers={"X-Api-Key": secret}).status_code == 401
        assert ask(secret, scheme="Basic").status_code == 401
        assert ask(secret, scheme="bearer").status_code == 200

    def test_counts_for_itself_in_limits(self, business: Business, settings) -> None:
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "general": 2}
        (_a, one), (_b, two) = make_key(business), make_key(business)
        cache.clear()

        found = [ask(one).status_code for _ in range(3)]

        assert found == [200, 200, 429]
        assert ask(two).status_code == 200

    @pytest.mark.parametrize(
        "break_it",
        [
            lambda secret: secret[:-1] + ("A" if secret[-1] != "A" else "B"),
            lambda secret: secret[:-1],
            lambda secret: secret.replace("live", "prod"),
            lambda secret: "fd_",
            lambda secret: secret + "é",
        ],
    )
    def test_with_a_slip_is_refused_without_asking_the_database(
        self, business: Business, break_it
    ) -> None:
        _key, secret = make_key(business)

        with CaptureQueriesContext(connection) as asked:
            answer = ask(break_it(secret).encode().decode("latin-1"))

        assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_API_KEY")
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
        assert asked.captured_queries == []

    def test_never_made_is_asked_for_once(self) -> None:
        from accounts.api_keys.text import new_secret

        secret = new_secret("live")
        first = ask(secret)
        with CaptureQueriesContext(connection) as again:
            second = ask(secret)

        assert (first.status_code, second.status_code) == (401, 401)
        assert again.captured_queries == []

    def test_ends_with_its_time(self, owner: Client, clock) -> None:
        made = make(owner, expires_at="2027-01-15T09:00:00Z").json()
        assert ask(made["secret"]).status_code == 200

        clock.move_to(NOON + 3600)
        answer = ask(made["secret"])

        assert (answer.status_code, answer.json()["code"]) == (401, "API_KEY_EXPIRED")

    def test_signs_nobody_in_beside_a_session(self, business: Business, owner: Client) -> None:
        _key, secret = make_key(BusinessFactory(), "bookings:read")

        answer = owner.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})

        assert answer.status_code == 403


def last_use() -> float | None:
    at = ApiKey.objects.get().last_used_at
    return at.timestamp() if at else None


class TestUse:
    def test_is_written_after_the_answer_at_most_once_a_minute(
        self, business: Business, clock
    ) -> None:
        _key, secret = make_key(business)
        ask(secret)
        assert last_use() == NOON

        clock.move_to(NOON + 59)
        ask(secret)
        assert last_use() == NOON

        usage.forget()  # as another process would
        ask(secret)
        assert last_use() == NOON

        clock.move_to(NOON + 119)
        ask(secret)
        assert last_use() == NOON + 119

    def test_from_a_new_network_is_recorded_once(self, business: Business) -> None:
        key, secret = make_key(business)
        for address in ("198.51.100.7", "198.51.100.7", "203.0.113.9", "198.51.100.7"):
            usage.forget()
            ask(secret, address=address)

        found = SecurityEntry.objects.filter(kind="api_key.new_network").order_by("id")
        assert [(e.subject, e.business, e.address) for e in found] == [
            (key.public_id, business.public_id, "198.51.100.7"),
            (key.public_id, business.public_id, "203.0.113.9"),
        ]

    def test_of_a_revoked_key_is_recorded_once_a_day(self, owner: Client, clock) -> None:
        made = make(owner).json()
        owner.post(f"{KEYS}/{made['key']['id']}/revoke", {}, content_type="application/json")
        reading._kept.clear()

        answers = [ask(made["secret"]) for _ in range(2)]
        clock.move_to(NOON + 86_400)
        ask(made["secret"])

        assert [(a.status_code, a.json()["code"]) for a in answers] == [
            (401, "API_KEY_REVOKED")
        ] * 2
        found = SecurityEntry.objects.filter(kind="api_key.dead_use")
        assert [e.detail for e in found] == [{"reason": "API_KEY_REVOKED"}] * 2


class TestRevoking:
    def test_is_felt_in_another_process_within_five_seconds(
        self, business: Business, clock
    ) -> None:
        key, secret = make_key(business)
        assert ask(secret).status_code == 200
        # Another process revoked it: this one is not told.
        ApiKey.objects.filter(pk=key.pk).update(revoked_at="2027-01-15T08:00:00Z")

        clock.move_to(NOON + 4.9)

        assert ask(secret).status_code == 401

    @pytest.mark.django_db(transaction=True)
    def test_is_felt_at_once_in_the_process_that_did_it(self, owner: Client) -> None:
        made = make(owner).json()
        assert ask(made["secret"]).status_code == 200

        path = f"{KEYS}/{made['key']['id']}/revoke"
        answer = owner.post(path, {"reason": "leaked"}, content_type="application/json")
        again = owner.post(path, {}, content_type="application/json")

        assert (answer.json()["state"], again.status_code) == ("revoked", 200)
        assert ask(made["secret"]).status_code == 401
        assert AuditEntry.objects.get(action="api_key.revoke").reason == "leaked"
        assert SecurityEntry.objects.filter(kind="api_key.revoke").count() == 1


class TestRotating:
    def test_lets_both_keys_live_for_the_overlap(self, owner: Client, clock) -> None:
        old = make(owner, expires_at="2027-02-14T08:00:00Z").json()
        path = f"{KEYS}/{old['key']['id']}/rotate"

        answer = owner.post(path, {"overlap_hours": 2}, content_type="application/json")

        new = answer.json()
        assert answer.status_code == 201
        assert new["key"]["scopes"] == ["bookings:read"]
        assert new["key"]["expires_at"] == "2027-02-14T08:00:00+00:00"
        reading._kept.clear()
        assert (ask(old["secret"]).status_code, ask(new["secret"]).status_code) == (200, 200)
        clock.move_to(NOON + 7200)
        assert (ask(old["secret"]).status_code, ask(new["secret"]).status_code) == (401, 200)
        kinds = ["api_key.create", "api_key.rotate"]
        assert list(
            SecurityEntry.objects.filter(kind__in=kinds)
            .order_by("id")
            .values_list("kind", "subject")
        ) == [("api_key.create", old["key"]["id"]), ("api_key.rotate", old["key"]["id"])]

    def test_happens_once(self, owner: Client) -> None:
        old = make(owner).json()
        path = f"{KEYS}/{old['key']['id']}/rotate"
        owner.post(path, {}, content_type="application/json")

        again = owner.post(path, {}, content_type="application/json")

        assert (again.status_code, again.json()["code"]) == (409, "API_KEY_NOT_ACTIVE")
        assert ApiKey.objects.count() == 2


class TestWhoMayManage:
    def test_asks_for_a_recent_sign_in(self, owner: Client, clock) -> None:
        made = make(owner).json()["key"]["id"]
        clock.move_to(NOON + 301)

        answers = [
            make(owner),
            owner.post(f"{KEYS}/{made}/rotate", {}, content_type="application/json"),
            owner.post(f"{KEYS}/{made}/revoke", {}, content_type="application/json"),
        ]

        assert {(a.status_code, a.json()["code"]) for a in answers} == {
            (403, "REAUTHENTICATION_REQUIRED")
        }
        assert ApiKey.objects.get().revoked_at is None
        owner.post("/account/auth/reauthenticate/", {"password": "correct horse battery staple"})
        assert make(owner).status_code == 201

    @pytest.mark.parametrize(
        ("role", "seen"),
        [(Role.OWNER, 1), (Role.DEVELOPER, 1), (Role.AUDITOR, 1), (Role.MANAGER, 0)],
    )
    def test_is_the_owner_alone(self, business: Business, role: Role, seen: int) -> None:
        key, _secret = make_key(business)
        user = person("other@example.test")
        MembershipFactory(user=user, business=business, role=role)
        client = signed_in_client(user)

        listed = client.get(KEYS).json()["data"]
        answers = {make(client).status_code}
        for step in ("rotate", "revoke"):
            path = f"{KEYS}/{key.public_id}/{step}"
            answers.add(client.post(path, {}, content_type="application/json").status_code)

        assert len(listed) == seen
        assert answers == ({201, 200} if role == Role.OWNER else {403})

    def test_finds_no_keys_of_another_business(self, owner: Client) -> None:
        make_key(BusinessFactory())

        assert owner.get(KEYS).json()["data"] == []

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"scopes": []}, 400),
            ({"scopes": ["everything"]}, 400),
            ({"kind": "prod"}, 400),
            ({"expires_at": "2020-01-01T00:00:00Z"}, 400),
            ({"business": "nobody"}, 404),
            ({"secret": "fd_live_mine"}, 400),
        ],
    )
    def test_is_told_what_is_wrong(self, owner: Client, changes, status: int) -> None:
        assert make(owner, **changes).status_code == status
        assert ApiKey.objects.count() == 0

    def test_stops_at_fifty_keys(self, owner: Client, business: Business, monkeypatch) -> None:
        from accounts.api_keys import actions

        monkeypatch.setattr(actions, "MAX_KEYS", 2)
        make_key(business)
        make_key(business)

        answer = make(owner)

        assert (answer.status_code, answer.json()["code"]) == (409, "TOO_MANY_API_KEYS")


class TestRecords:
    def test_name_the_key_that_acted(self, business: Business) -> None:
        key, _secret = make_key(business)

        entry = AuditEntry.objects.get(action="api_key.create")

        assert (entry.subject, entry.business) == (key.public_id, business.public_id)
        assert entry.actor == User.objects.get().public_id
