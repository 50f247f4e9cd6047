"""What an adapter must do, in the product's own words.

An adapter translates between these types and its provider's interface. It holds no business rule,
decides no status and writes no row; what it learns is returned as facts, and `actions` judge them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from common.money import Money
from webhooks.sources import InboundRequest, Reply


class GatewayError(Exception):
    """A call failed. `permanent`: asking again changes nothing, and nothing was accepted."""

    permanent = False

    def __init__(self, code: str) -> None:
        """`code` is a short word for people and logs, without secrets or personal data."""
        super().__init__(code)
        self.code = code[:80]


class GatewayRefused(GatewayError):
    """The provider understood and said no."""

    permanent = True


class GatewayBusy(GatewayError):
    """The provider did not take the call; the same call may be made again later."""


class GatewayUncertain(GatewayError):
    """Nobody knows whether the call took effect: a timeout, an outage, an unreadable answer."""


class Progress(StrEnum):
    """Where a payment or refund stands at the provider."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Account:
    """A gateway account as an adapter sees it. `reference` is the provider's name of it."""

    reference: str
    is_live: bool
    endpoint_id: str
    credentials: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Order:
    """What to collect. `reference` is ours and comes back in every notice."""

    reference: str
    idempotency_key: str
    amount: Money
    description: str
    flow: str
    return_url: str
    expires_at: datetime | None
    created_at: datetime
    customer_email: str = ""
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class ProviderIds:
    """How the provider names a payment; empty while it has not told."""

    payment_id: str = ""
    session_id: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """The provider took the order. One of `client_secret` and `checkout_url` is set."""

    ids: ProviderIds
    progress: Progress
    client_secret: str = field(default="", repr=False)
    checkout_url: str = ""


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """What the provider says about a payment.

    `amount` is what was received when the payment succeeded, else what is asked for. `account` is
    empty where the provider names none. `is_asked` tells an answer to our question, which is
    current, from a notice, which may be late. `decline_code` tells of an attempt that failed
    while the customer may try again. `client_secret` and `checkout_url` are told while it is open.
    """

    progress: Progress
    ids: ProviderIds
    reference: str = ""
    amount: Money | None = None
    account: str = ""
    is_live: bool | None = None
    movement: str = ""
    decline_code: str = ""
    is_asked: bool = False
    raw_status: str = ""
    client_secret: str = field(default="", repr=False)
    checkout_url: str = ""


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """What the provider says about a refund. `reference` is our refund's id where it has one."""

    progress: Progress
    refund_id: str
    payment: ProviderIds
    reference: str = ""
    amount: Money | None = None
    failure_code: str = ""
    account: str = ""
    is_live: bool | None = None
    raw_status: str = ""


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """A verified notice. Both facts empty: nothing in it concerns us."""

    event_id: str
    type: str
    payment: PaymentFacts | None = None
    refund: RefundFacts | None = None


class Gateway(Protocol):
    """One provider. Calls take seconds, so none is made inside a transaction.

    Every call raises GatewayRefused, GatewayBusy or GatewayUncertain and nothing else.
    """

    code: str
    name: str
    flows: frozenset[str]
    methods: frozenset[str]

    def start(self, account: Account, order: Order) -> Started:
        """Ask for the money. The same idempotency key returns the same payment."""

    def query(self, account: Account, ids: ProviderIds) -> PaymentFacts:
        """Ask where a payment stands."""

    def find(self, account: Account, order: Order) -> PaymentFacts | None:
        """Look for a payment by our reference, when its start was never answered."""

    def cancel(self, account: Account, ids: ProviderIds) -> PaymentFacts:
        """End the chance to pay; returns where the payment stands after it."""

    def refund(
        self,
        account: Account,
        ids: ProviderIds,
        *,
        amount: Money,
        reference: str,
        idempotency_key: str,
    ) -> RefundFacts:
        """Send money back. The same idempotency key returns the same refund."""

    def query_refund(
        self, account: Account, ids: ProviderIds, *, refund_id: str, reference: str
    ) -> RefundFacts | None:
        """Ask where a refund stands, by its id or else by our reference. None: there is none."""

    def check(self, account: Account) -> str:
        """Prove the credentials by a live call; returns the provider's name of the account."""

    def secrets(self, account: Account) -> tuple[str, ...]:
        """Return every live secret that signs notices."""

    def verify(self, request: InboundRequest, secrets: tuple[str, ...]) -> None:
        """Prove a notice over its raw bytes. Raises webhooks.errors.BadSignature."""

    def parse(self, body: bytes) -> GatewayEvent:
        """Translate a verified notice. Raises webhooks.errors.MalformedNotice."""

    def reply(self) -> Reply:
        """Return the answer the provider expects for a stored notice."""
