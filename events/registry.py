"""Event types, reactions, kinds of work and object loaders; filled in `apps.py: ready()` only.

Registering the same object again changes nothing, so `ready()` may run twice; another object
under the same name raises AlreadyRegistered.
"""

import fnmatch
import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from events.errors import AlreadyRegistered, UnknownEventType
from events.lanes import Lane
from events.models import Event, Work
from events.types import EventType

ReactionKind = Literal["fact", "state"]


@dataclass(frozen=True, eq=False)
class ReactionDefinition:
    """A subscriber. *fact* gets the recorded event, every one in order; *state* gets the subject.

    A state reaction re-derives from what is true now, so several waiting rows of one subject are
    one run. Both must be idempotent: a crash repeats them.
    """

    name: str
    on: tuple[str, ...]
    kind: ReactionKind
    lane: Lane
    call: Callable[[Any], None]
    max_attempts: int

    def wants(self, event_type: str) -> bool:
        """Say whether the pattern covers the type; `booking.*` and `*` are patterns."""
        return any(fnmatch.fnmatchcase(event_type, pattern) for pattern in self.on)


def fact(
    name: str, *, on: str | Iterable[str], lane: Lane = Lane.DEFAULT, max_attempts: int = 8
) -> Callable[[Callable[[Event], None]], ReactionDefinition]:
    """Declare a reaction that gets each recorded event, in order per subject."""
    patterns = (on,) if isinstance(on, str) else tuple(on)

    def declare(call: Callable[[Event], None]) -> ReactionDefinition:
        return ReactionDefinition(name, patterns, "fact", lane, call, max_attempts)

    return declare


def state(
    name: str, *, on: str | Iterable[str] = (), lane: Lane = Lane.DEFAULT, max_attempts: int = 8
) -> Callable[[Callable[[str], None]], ReactionDefinition]:
    """Declare a reaction that gets the subject's public id and re-derives what should be.

    One with no `on` runs only when `events.schedule` says so.
    """
    patterns = (on,) if isinstance(on, str) else tuple(on)

    def declare(call: Callable[[str], None]) -> ReactionDefinition:
        return ReactionDefinition(name, patterns, "state", lane, call, max_attempts)

    return declare


@dataclass(frozen=True, eq=False)
class WorkKind:
    """How the relay runs one table of work.

    `run` gets one row; it returns when the row is done, raises Retry or GiveUp to decide, and any
    other exception is a failed attempt. `collapses` says that waiting rows of one key are one run.
    """

    model: type[Work]
    run: Callable[[Any], None]
    lanes: tuple[Lane, ...]
    keep_finished: bool = True
    max_attempts: Callable[[Any], int] = field(default=lambda _row: 8)
    collapses: Callable[[Any], bool] = field(default=lambda _row: False)
    load: Callable[[list[int]], list[Any]] | None = None
    on_dead: Callable[[Any], None] | None = None

    @property
    def name(self) -> str:
        """Return the table's model label, such as `webhooks.InboundEvent`."""
        return self.model._meta.label


_types: dict[str, EventType] = {}
_reactions: dict[str, ReactionDefinition] = {}
_kinds: dict[str, WorkKind] = {}
_loaders: dict[str, Callable[[str], Any]] = {}


def _put(table: dict[str, Any], name: str, value: Any) -> None:
    if table.get(name, value) is not value:
        raise AlreadyRegistered(f"{name} is registered already")
    table[name] = value


def add_types(*types: EventType) -> None:
    """Add event types to the catalogue."""
    for item in types:
        _put(_types, item.name, item)


def add_reactions(*definitions: ReactionDefinition) -> None:
    """Subscribe reactions to the types they name."""
    for item in definitions:
        _put(_reactions, item.name, item)
    subscriptions.cache_clear()


def add_kind(kind: WorkKind) -> None:
    """Let the relay run a table of work."""
    _put(_kinds, kind.name, kind)


def add_subject(prefix: str, loader: Callable[[str], Any]) -> None:
    """Say how an object is loaded from its public id; the loader returns None when it is gone."""
    _put(_loaders, prefix, loader)


def event_type(name: str) -> EventType:
    """Return the registered type; raises UnknownEventType."""
    try:
        return _types[name]
    except KeyError:
        raise UnknownEventType(name) from None


def event_types() -> list[EventType]:
    """Return the catalogue, by name."""
    return sorted(_types.values(), key=lambda item: item.name)


def reaction(name: str) -> ReactionDefinition | None:
    """Return the reaction, or None when no installed code declares it any more."""
    return _reactions.get(name)


def reactions() -> list[ReactionDefinition]:
    """Return every reaction, by name."""
    return sorted(_reactions.values(), key=lambda item: item.name)


@functools.lru_cache(maxsize=1024)
def subscriptions(event_type_name: str) -> tuple[list[int], list[str]]:
    """Return the lanes and names of the reactions to a type, as two lists of equal length."""
    wanted = [item for item in reactions() if item.wants(event_type_name)]
    return [int(item.lane) for item in wanted], [item.name for item in wanted]


def kinds(lane: Lane | None = None) -> list[WorkKind]:
    """Return the kinds of work of a lane, or all."""
    return [kind for kind in _kinds.values() if lane is None or lane in kind.lanes]


def kind(name: str) -> WorkKind:
    """Return the kind of work with this model label; raises KeyError."""
    return _kinds[name]


def current(subject: str) -> Any:
    """Return the object of a public id as it is now, or None when it or its kind is unknown."""
    loader = _loaders.get(subject.partition("_")[0])
    return loader(subject) if loader else None
