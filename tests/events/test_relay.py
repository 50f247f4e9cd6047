"""The relay: order, isolation of failures, retries, schedules, leases and replay."""

import datetime as dt
import threading
import time
from collections import defaultdict

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from typing_extensions import TypedDict

from events import actions as events
from events import queries, registry, relay
from events.claims import Claims
from events.errors import GiveUp, Retry
from events.lanes import Lane
from events.models import Event, Reaction, Work, WorkFailure
from events.pruning import prune_all
from events.runner import BACKOFF
from events.types import EventType, NewEvent


class StepData(TypedDict):
    number: int


STEP = EventType("relaytest.step", StepData, "A step was made.", {"number": 1})
CHANGE = EventType("relaytest.change", StepData, "Something changed.", {"number": 1})
ran: dict[str, list[int]] = defaultdict(list)
behaviour: dict[str, Exception] = {}


@registry.fact("relaytest.first", on="relaytest.step", max_attempts=3)
def first(event: Event) -> None:
    if error := behaviour.get(event.subject):
        raise error
    ran[event.subject].append(event.data["number"])


@registry.fact("relaytest.second", on="relaytest.step")
def second(event: Event) -> None:
    ran["second"].append(event.data["number"])


@registry.state("relaytest.refresh", on="relaytest.change")
def refresh(subject: str) -> None:
    if error := behaviour.get(subject):
        raise error


@registry.state("relaytest.expire")
def expire(subject: str) -> None:
    ran[f"expire {subject}"].append(1)


@pytest.fixture(autouse=True)
def registered():
    registry.add_types(STEP, CHANGE)
    registry.add_reactions(first, second, refresh, expire)
    ran.clear()
    behaviour.clear()


def make(subject: str, *numbers: int, kind: EventType = STEP) -> None:
    for number in numbers:
        with transaction.atomic():
            events.record(NewEvent(kind, "biz_1", subject, {"number": number}))


def let_time_pass() -> None:
    """Make every waiting row due, as the clock would."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_reaction SET due_at = now(), lease_until = NULL")


@pytest.mark.django_db(transaction=True)
class TestOrderAndIsolation:
    def test_runs_the_facts_of_a_subject_in_order_of_recording(self) -> None:
        make("sub_a", *range(150))

        relay.drain_all()

        assert ran["sub_a"] == list(range(150))

    def test_a_failing_reaction_delays_no_other(self) -> None:
        behaviour["sub_bad"] = ValueError("no")
        make("sub_bad", 1)
        make("sub_good", 2)

        relay.drain_all()

        assert ran["sub_good"] == [2]
        assert ran["second"] == [1, 2]
        row = Reaction.objects.get()
        assert (row.subject, row.attempts, row.last_error) == ("sub_bad", 1, "ValueError: no")

    def test_successors_wait_for_a_retry_and_then_follow_in_order(self) -> None:
        behaviour["sub_a"] = ValueError("no")
        make("sub_a", 1, 2, 3)
        relay.drain_all()
        assert ran["sub_a"] == []

        behaviour.clear()
        let_time_pass()
        relay.drain_all()

        assert ran["sub_a"] == [1, 2, 3]

    def test_rows_run_as_one_wait_by_the_attempts_of_the_first(self) -> None:
        make("sub_slow", 1, kind=CHANGE)
        Reaction.objects.update(attempts=3)
        make("sub_slow", 2, kind=CHANGE)
        behaviour["sub_slow"] = ValueError("no")
        began = timezone.now()

        relay.drain_all()

        head = Reaction.objects.order_by("id")[0]
        assert head.attempts == 4
        assert head.due_at - began > dt.timedelta(seconds=0.8 * BACKOFF[3])

    def test_a_row_left_by_a_dead_process_runs_before_its_successors(self) -> None:
        make("sub_a", 1)
        Claims(Reaction).claim(lane=Lane.DEFAULT, limit=100)
        make("sub_a", 2)
        let_time_pass()

        relay.drain_all()

        assert ran["sub_a"] == [1, 2]

    def test_a_dead_row_releases_its_successors(self) -> None:
        behaviour["sub_a"] = GiveUp("hopeless")
        make("sub_a", 1)
        relay.drain_all()
        behaviour.clear()
        make("sub_a", 2)

        relay.drain_all()

        assert ran["sub_a"] == [2]
        assert Reaction.objects.get().state == Work.State.DEAD

    def test_ends_dead_after_the_allowed_attempts_with_a_failure_row_each(self) -> None:
        behaviour["sub_a"] = ValueError("no")
        make("sub_a", 1)

        for _ in range(4):
            relay.drain_all()
            let_time_pass()

        row = Reaction.objects.get()
        assert (row.state, row.attempts) == (Work.State.DEAD, 3)
        assert list(WorkFailure.objects.order_by("id").values_list("attempt", flat=True)) == [
            1,
            2,
            3,
        ]

    def test_a_retry_that_does_not_count_waits_as_long_as_it_was_told(self) -> None:
        behaviour["sub_a"] = Retry("rate limited", after=120, counts=False)
        make("sub_a", 1)

        relay.drain_all()

        row = Reaction.objects.get()
        wait = (row.due_at - dt.datetime.now(dt.UTC)).total_seconds()
        assert row.attempts == 0
        assert 110 < wait <= 120

    def test_secrets_in_an_error_are_not_kept(self) -> None:
        behaviour["sub_a"] = ValueError("refused Bearer abcdefghijklmnop")
        make("sub_a", 1)

        relay.drain_all()

        assert "abcdefghijklmnop" not in Reaction.objects.get().last_error


@pytest.mark.django_db(transaction=True)
class TestLeases:
    def test_a_leased_row_is_not_claimed_again(self) -> None:
        make("sub_a", 1)
        claims = Claims(Reaction)

        taken = claims.claim(lane=Lane.DEFAULT, limit=100)

        assert len(taken.rows) == 2
        assert claims.claim(lane=Lane.DEFAULT, limit=100).rows == []

    def test_a_late_runner_changes_nothing_after_its_lease(self) -> None:
        make("sub_a", 1)
        claims = Claims(Reaction)
        late = claims.claim(lane=Lane.DEFAULT, limit=100)
        let_time_pass()
        fresh = claims.claim(lane=Lane.DEFAULT, limit=100)

        claims.finish(late, [row.id for row in late.rows], keep=False)

        assert Reaction.objects.count() == 2
        claims.finish(fresh, [row.id for row in fresh.rows], keep=False)
        assert Reaction.objects.count() == 0

    def test_a_row_that_kills_its_process_ends_dead_and_spares_its_neighbours(self) -> None:
        make("sub_killer", 1)
        make("sub_other", 2)
        claims = Claims(Reaction)
        killer = Reaction.objects.get(subject="sub_killer", name="relaytest.first")
        for _ in range(3):
            batch = claims.claim(lane=Lane.DEFAULT, limit=100)
            row = next(row for row in batch.rows if row.id == killer.pk)
            if row.crashes:
                claims.count_start(batch, row)
            let_time_pass()
        Reaction.objects.filter(pk=killer.pk).update(attempts=3)

        relay.drain_all()

        killer.refresh_from_db()
        assert killer.state == Work.State.DEAD
        assert ran["sub_killer"] == []
        assert ran["sub_other"] == [2]

    def test_two_claimers_never_hold_rows_of_one_key_when_an_earlier_row_commits_late(self) -> None:
        ready, go = threading.Event(), threading.Event()

        def commit_late() -> None:
            with transaction.atomic():
                events.record(NewEvent(STEP, "biz_1", "sub_a", {"number": 1}))
                ready.set()
                go.wait(60)
            connections.close_all()

        thread = threading.Thread(target=commit_late)
        thread.start()
        assert ready.wait(60)
        make("sub_a", 2)
        claims = Claims(Reaction)
        early = claims.claim(lane=Lane.DEFAULT, limit=100)
        go.set()
        thread.join()

        late = claims.claim(lane=Lane.DEFAULT, limit=100)

        assert {row.key for row in early.rows} & {row.key for row in late.rows} == set()

    def test_four_drains_at_once_keep_order_and_run_each_row_once(self) -> None:
        for number in range(40):
            for subject in ("sub_a", "sub_b", "sub_c"):
                make(subject, number)

        def work() -> None:
            relay.drain_all()
            connections.close_all()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert [ran[s] for s in ("sub_a", "sub_b", "sub_c")] == [list(range(40))] * 3
        assert len(ran["second"]) == 120


@pytest.mark.django_db(transaction=True)
class TestSchedule:
    def test_runs_when_due_and_moving_the_subject_moves_the_turn(self) -> None:
        now = dt.datetime.now(dt.UTC)
        events.schedule(reaction="relaytest.expire", subject="sub_a", due_at=now)
        events.schedule(
            reaction="relaytest.expire", subject="sub_a", due_at=now + dt.timedelta(hours=1)
        )

        relay.drain_all()
        assert ran["expire sub_a"] == []
        assert Reaction.objects.count() == 1

        events.schedule(reaction="relaytest.expire", subject="sub_a", due_at=now)
        relay.drain_all()

        assert ran["expire sub_a"] == [1]

    def test_can_be_taken_back(self) -> None:
        now = dt.datetime.now(dt.UTC)
        events.schedule(reaction="relaytest.expire", subject="sub_a", due_at=now)

        events.unschedule(reaction="relaytest.expire", subject="sub_a")
        relay.drain_all()

        assert ran["expire sub_a"] == []

    def test_a_turn_moved_while_it_runs_is_not_lost(self) -> None:
        now = dt.datetime.now(dt.UTC)
        events.schedule(reaction="relaytest.expire", subject="sub_a", due_at=now)
        claims = Claims(Reaction)
        running = claims.claim(lane=Lane.DEFAULT, limit=10)

        events.schedule(
            reaction="relaytest.expire", subject="sub_a", due_at=now + dt.timedelta(hours=1)
        )
        claims.finish(running, [row.id for row in running.rows], keep=False)

        assert Reaction.objects.get().due_at == now + dt.timedelta(hours=1)

    def test_refuses_a_reaction_nobody_declared(self) -> None:
        with pytest.raises(LookupError):
            events.schedule(
                reaction="relaytest.missing", subject="x", due_at=dt.datetime.now(dt.UTC)
            )


@pytest.mark.django_db(transaction=True)
class TestReplay:
    def test_opens_a_dead_row_again_at_the_end_of_its_key(self) -> None:
        behaviour["sub_a"] = GiveUp("hopeless")
        make("sub_a", 1)
        relay.drain_all()
        behaviour.clear()
        dead = Reaction.objects.get()

        count = events.replay(kind="events.Reaction", ids=[dead.pk])
        again = events.replay(kind="events.Reaction", ids=[dead.pk])
        relay.drain_all()

        assert (count, again) == (1, 0)
        assert ran["sub_a"] == [1]
        assert Reaction.objects.count() == 0


def read_on(cursor: str, *, count: int) -> list[str]:
    """Return the subjects read from the cursor on: so many, and what one more reading finds.

    The cursor waits for every writing transaction of the server, those of parallel tests included.
    """
    told: list[str] = []
    deadline = time.monotonic() + 60
    while len(told) < count:
        assert time.monotonic() < deadline, told
        page = queries.read_after(cursor=cursor)
        told += [event.subject for event in page.events]
        cursor = page.cursor
    return told + [event.subject for event in queries.read_after(cursor=cursor).events]


@pytest.mark.django_db(transaction=True)
class TestCursor:
    def test_never_skips_an_event_that_commits_late(self) -> None:
        ready, go = threading.Event(), threading.Event()

        def commit_late() -> None:
            with transaction.atomic():
                events.record(NewEvent(STEP, "biz_1", "sub_late", {"number": 1}))
                ready.set()
                go.wait(60)
            connections.close_all()

        thread = threading.Thread(target=commit_late)
        thread.start()
        assert ready.wait(60)
        make("sub_early", 2)

        before = queries.read_after()
        go.set()
        thread.join()

        assert before.events == []
        assert read_on(before.cursor, count=2) == ["sub_late", "sub_early"]

    def test_waits_for_whoever_writes_and_then_skips_nothing(self) -> None:
        writer = connection.copy()
        writer.set_autocommit(autocommit=False)
        with writer.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
        make("sub_a", 1, 2)

        hidden = queries.read_after()
        writer.rollback()
        writer.close()

        assert hidden.events == []
        assert read_on(hidden.cursor, count=2) == ["sub_a", "sub_a"]

    def test_refuses_a_malformed_cursor(self) -> None:
        with pytest.raises(ValueError, match="not a cursor"):
            queries.read_after(cursor="1:2; DROP TABLE")


@pytest.mark.django_db(transaction=True)
class TestPruning:
    def test_removes_events_past_their_days_and_keeps_the_rest(self) -> None:
        make("sub_old", 1)
        make("sub_new", 2)
        Event.objects.filter(subject="sub_old").update(
            at=dt.datetime.now(dt.UTC) - dt.timedelta(days=401)
        )

        prune_all()

        assert list(Event.objects.values_list("subject", flat=True)) == ["sub_new"]
