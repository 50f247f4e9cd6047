"""Who may send notices: a registry of sources, filled in `apps.py: ready()` of the apps above.

A source verifies, names and answers the notices of one provider and processes a stored one. It
never stores: the door does, with one statement for all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from webhooks.errors import UnknownEndpoint

if TYPE_CHECKING:
    from webhooks.models import InboundEvent

TOLERANCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class InboundRequest:
    """A request as it came: header names in lower case, the raw query and the raw body."""

    method: str
    headers: Mapping[str, str]
    query: str
    body: bytes
    address: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address with everything needed to verify what arrives at it.

    `account` identifies the provider account and is part of the key a notice is stored under.
    `secrets` are all live ones: two while one is being rolled.
    """

    account: str
    business: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified notice, named. `content` is what must be equal in a repeat of the same id.

    `lookup` is an optional scalar subquery that yields JSON; the storing statement answers it,
    for providers whose reply depends on what the notice is about.
    """

    event_id: str
    type: str
    content: bytes
    lookup: tuple[str, Sequence[Any]] | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the storing statement found."""

    id: int
    is_duplicate: bool
    is_conflict: bool
    found: Any = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The exact answer a provider expects."""

    status: int = 200
    body: bytes = b'{"received": true}'
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class InboundSource(Protocol):
    """One provider's side of the door."""

    code: str
    methods: frozenset[str]

    def endpoint(self, endpoint_id: str) -> Endpoint | None:
        """Read the endpoint from the database; '' is the platform's own. None: unknown."""

    def verify(self, request: InboundRequest, endpoint: Endpoint) -> None:
        """Prove the raw request, before anything is parsed. Raises BadSignature."""

    def name(self, request: InboundRequest) -> Notice:
        """Read id and type of a verified notice. Raises MalformedNotice."""

    def reply(self, notice: Notice, receipt: Receipt) -> Reply:
        """Return the answer for a stored or repeated notice."""

    def reply_forged(self) -> Reply | None:
        """Return the provider's own answer to a forged notice; None: 403."""

    def process(self, event: "InboundEvent") -> str:
        """Apply a stored notice; must be idempotent. Returns a word on what came of it."""


_sources: dict[str, InboundSource] = {}


def register(source: InboundSource) -> None:
    """Add a source; the same object again changes nothing, another of its code raises."""
    if _sources.setdefault(source.code, source) is not source:
        message = f"a source named {source.code} is registered already"
        raise ValueError(message)


def get(code: str) -> InboundSource:
    """Return the source of a gateway code. Raises UnknownEndpoint."""
    try:
        return _sources[code]
    except KeyError:
        raise UnknownEndpoint from None
