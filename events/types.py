"""What an event is before it is recorded, and the description of each type."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Described:
    """The checks of one data type, made once, because building them is slow."""

    adapter: TypeAdapter[Any]


@functools.lru_cache(maxsize=512)
def _described(data: Any) -> Described:
    return Described(TypeAdapter(data))


@dataclass(frozen=True, eq=False)
class EventType:
    """A kind of domain fact, named `resource.past_tense`.

    `data` is the TypedDict its payload function returns: mypy holds the function to it and the
    catalogue derives the JSON schema from it. `sample` is a full example.
    """

    name: str
    data: Any
    doc: str
    sample: Mapping[str, Any]
    is_public: bool = True

    def check(self, value: Mapping[str, Any]) -> None:
        """Raise pydantic.ValidationError when the value is not of the declared shape."""
        _described(self.data).adapter.validate_python(dict(value), strict=True)

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of `data`."""
        return _described(self.data).adapter.json_schema()


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A fact about to be recorded. All references are public ids; no contact details."""

    type: EventType
    business: str
    subject: str
    data: Mapping[str, Any] = field(default_factory=dict)
    actor: str = ""
