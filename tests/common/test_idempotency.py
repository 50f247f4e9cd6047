import threading

import pytest
from django.db import connection, connections, transaction

from common import idempotency
from common.idempotency import (
    Answer,
    IdempotencyInProgress,
    IdempotencyKeyRequired,
    IdempotencyMismatch,
    Taken,
    fingerprint,
)
from common.models import IdempotencyRecord

PRINT = fingerprint(method="POST", route="/things", body={"a": 1})
OTHER_PRINT = fingerprint(method="POST", route="/things", body={"a": 2})


def take(key: str = "k1", principal: str = "user:one", print_: str = PRINT):
    return idempotency.take(principal=principal, key=key, fingerprint=print_)


def age(**interval: int) -> None:
    unit, number = next(iter(interval.items()))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE common_idempotencyrecord SET "
            f"lease_until = lease_until - interval '{number} {unit}', "
            f"created_at = created_at - interval '{number} {unit}'"
        )


class TestFingerprint:
    def test_does_not_depend_on_the_order_of_members(self):
        one = fingerprint(method="POST", route="/x", body={"a": 1, "b": {"c": 2, "d": 3}})
        two = fingerprint(method="POST", route="/x", body={"b": {"d": 3, "c": 2}, "a": 1})

        assert one == two

    def test_depends_on_method_route_and_body(self):
        prints = {
            fingerprint(method=method, route=route, body=body)
            for method in ("POST", "PATCH")
            for route in ("/x", "/y")
            for body in ({"a": 1}, {"a": "1"}, {})
        }

        assert len(prints) == 12


class TestKey:
    @pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 256, "tab\t", "line\n"])
    def test_is_refused_unless_visible_and_short(self, key):
        with pytest.raises(IdempotencyKeyRequired):
            idempotency.check_key(key)

    @pytest.mark.parametrize("key", ["a", "x" * 255, '"8e03978e-40d5-43dd"'])
    def test_may_be_any_other_text(self, key):
        assert idempotency.check_key(key) == key


@pytest.mark.django_db
class TestTake:
    def test_is_one_statement_and_so_is_storing(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            taken = take()
        with django_assert_num_queries(1):
            idempotency.store(taken, status=201, body=b'{"id":"x"}')

    def test_returns_the_stored_answer_afterwards(self):
        taken = take()
        idempotency.store(taken, status=201, body=b'{"id":"x"}')

        assert take() == Answer(status=201, body=b'{"id":"x"}')

    def test_keeps_the_answer_encrypted(self):
        idempotency.store(take(), status=201, body=b'{"token":"secret"}')

        assert b"secret" not in bytes(IdempotencyRecord.objects.get().body or b"")

    def test_refuses_while_the_first_still_runs(self):
        take()

        with pytest.raises(IdempotencyInProgress) as refusal:
            take()
        assert refusal.value.headers == {"Retry-After": "2"}
        assert (refusal.value.status, refusal.value.code) == (409, "IDEMPOTENCY_IN_PROGRESS")

    @pytest.mark.parametrize("is_stored", [True, False])
    def test_refuses_the_key_for_another_request(self, is_stored):
        taken = take()
        if is_stored:
            idempotency.store(taken, status=201, body=b"{}")

        with pytest.raises(IdempotencyMismatch) as refusal:
            take(print_=OTHER_PRINT)
        assert (refusal.value.status, refusal.value.code) == (422, "IDEMPOTENCY_MISMATCH")

    def test_never_replays_to_another_principal(self):
        idempotency.store(take(), status=201, body=b"{}")

        assert isinstance(take(principal="user:two"), Taken)

    def test_takes_over_from_a_dead_run_when_its_lease_ends(self):
        dead = take()
        age(seconds=61)

        heir = take()

        assert isinstance(heir, Taken)
        assert heir.holder != dead.holder
        with pytest.raises(IdempotencyInProgress):
            take()

    def test_a_late_run_cannot_store_over_its_heir(self):
        late = take()
        age(seconds=61)
        heir = take()

        with pytest.raises(IdempotencyInProgress):
            idempotency.store(late, status=201, body=b"late")
        idempotency.store(heir, status=201, body=b"heir")
        assert take() == Answer(status=201, body=b"heir")

    def test_a_released_key_may_be_used_again(self):
        idempotency.release(take())

        assert isinstance(take(print_=OTHER_PRINT), Taken)

    def test_a_stored_answer_cannot_be_released(self):
        taken = take()
        idempotency.store(taken, status=409, body=b"{}")
        idempotency.release(taken)

        assert take() == Answer(status=409, body=b"{}")


class TestIsStored:
    def test_leaves_out_what_may_be_tried_again(self):
        statuses = [200, 201, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503]

        assert [s for s in statuses if idempotency.is_stored(s)] == [200, 201, 404, 409, 422]


@pytest.mark.django_db
class TestPrune:
    def test_keeps_a_day_and_longer_and_deletes_past_the_setting(self, settings):
        settings.IDEMPOTENCY_KEEP_HOURS = 48
        idempotency.store(take("old"), status=201, body=b"{}")
        age(hours=49)
        idempotency.store(take("young"), status=201, body=b"{}")

        assert idempotency.prune() == 1
        assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == ["young"]
        assert idempotency.prune() == 0


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_one_of_many_takes_the_key(self):
        outcomes: list[str] = []

        def run() -> None:
            try:
                outcomes.append(type(take()).__name__)
            except IdempotencyInProgress:
                outcomes.append("in progress")
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(outcomes) == ["Taken"] + ["in progress"] * 11

    def test_the_answer_falls_with_the_effect(self):
        taken = take()

        with transaction.atomic():
            idempotency.store(taken, status=201, body=b"{}")
            transaction.set_rollback(True)

        with pytest.raises(IdempotencyInProgress):
            take()
