"""Recording events: one statement, inside a transaction, with a row per reaction."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from typing_extensions import TypedDict

from events import actions as events
from events import registry, relay
from events.lanes import Lane
from events.models import Event, Reaction
from events.types import EventType, NewEvent


class ThingData(TypedDict):
    id: str
    count: int


THING_DONE = EventType("thing.done", ThingData, "A thing was done.", {"id": "thg_1", "count": 1})
seen: list[tuple[str, str]] = []


@registry.fact("tests.remember", on="thing.*")
def remember(event: Event) -> None:
    seen.append(("fact", event.data["id"]))


@registry.state("tests.derive", on="thing.done", lane=Lane.CRITICAL)
def derive(subject: str) -> None:
    seen.append(("state", subject))


@pytest.fixture(autouse=True)
def registered():
    registry.add_types(THING_DONE)
    registry.add_reactions(remember, derive)
    seen.clear()


def thing(number: int = 1, subject: str = "thg_1") -> NewEvent:
    return NewEvent(THING_DONE, "biz_1", subject, {"id": subject, "count": number}, "usr_1")


@pytest.mark.django_db(transaction=True)
class TestRecord:
    def test_refuses_to_run_outside_a_transaction(self) -> None:
        with pytest.raises(transaction.TransactionManagementError):
            events.record(thing())

        assert Event.objects.count() == 0

    def test_writes_event_and_reactions_by_one_statement(self) -> None:
        with (
            transaction.atomic(),
            CaptureQueriesContext(
                connection,
            ) as queries,
        ):
            events.record(thing())

        assert len(queries) == 1
        assert Event.objects.get().data == {"id": "thg_1", "count": 1}
        assert sorted(Reaction.objects.values_list("name", "lane")) == [
            ("tests.derive", 0),
            ("tests.remember", 1),
        ]

    def test_leaves_nothing_when_the_action_rolls_back(self) -> None:
        with transaction.atomic():
            events.record(thing())
            transaction.set_rollback(True)

        assert (Event.objects.count(), Reaction.objects.count()) == (0, 0)

    def test_state_reactions_of_a_subject_collapse_and_facts_do_not(self) -> None:
        for number in range(3):
            with transaction.atomic():
                events.record(thing(number))

        relay.drain_all()

        assert seen.count(("state", "thg_1")) == 1
        assert seen.count(("fact", "thg_1")) == 3
        assert Reaction.objects.count() == 0
