"""How the relay runs a reaction row."""

from events import registry
from events.errors import GiveUp
from events.lanes import Lane
from events.models import Event, Reaction


def _load(ids: list[int]) -> list[Reaction]:
    rows = list(Reaction.objects.filter(pk__in=ids))
    events = Event.objects.in_bulk([row.event_id for row in rows if row.event_id is not None])
    for row in rows:
        row.event = events.get(row.event_id) if row.event_id is not None else None  # type: ignore[attr-defined]  # carried to _run
    return rows


def _run(row: Reaction) -> None:
    definition = registry.reaction(row.name)
    if definition is None:
        raise GiveUp(f"no installed reaction is named {row.name}")
    if definition.kind == "state":
        definition.call(row.subject)
        return
    event: Event | None = getattr(row, "event", None)
    if event is None:
        raise GiveUp("the event is gone")
    definition.call(event)


def _max_attempts(row: Reaction) -> int:
    definition = registry.reaction(row.name)
    return definition.max_attempts if definition else 1


def _collapses(row: Reaction) -> bool:
    definition = registry.reaction(row.name)
    return definition is not None and definition.kind == "state"


KIND = registry.WorkKind(
    model=Reaction,
    run=_run,
    lanes=tuple(Lane),
    keep_finished=False,
    max_attempts=_max_attempts,
    collapses=_collapses,
    load=_load,
)
