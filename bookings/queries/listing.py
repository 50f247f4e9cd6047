"""The list of bookings as programs page through it, by a statement of its own.

An account sees the bookings of the businesses it works for and those it made as a customer. Each
business and each contact gives its newest rows by an index, so a page costs the same however many
bookings others have; the ORM's one condition for all of it reads past everybody's rows.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from accounts.policy import Actor, reach
from bookings.events import FACT_COLUMNS, BookingFacts
from bookings.models import Booking
from common.postgres.base import prepared_cursor

_FIRST: Final = 2**63 - 1  # above every row id

_TABLES: Final = {
    "": ("b", "bookings_booking"),
    "service": ("s", "bookings_service"),
    "tier": ("t", "bookings_tier"),
    "calendar": ("c", "bookings_calendar"),
    "contact": ("p", "accounts_contact"),
    "business": ("z", "accounts_business"),
}
_COLUMNS: Final = (
    "id",
    "business__public_id",
    "contact__name",
    "contact__email",
    "contact__phone",
    "customer_note",
    "created_at",
    *FACT_COLUMNS,
)


def _column(path: str) -> str:
    owner, _, name = path.rpartition("__")
    return f"{_TABLES[owner][0]}.{name}"


# A page's ids, then what is shown of them.
_PAGE: Final = f"""
SELECT {", ".join(_column(path) for path in _COLUMNS)}
FROM ({{ids}} ORDER BY id DESC LIMIT {{limit}}) AS page
JOIN bookings_booking b ON b.id = page.id
{" ".join(f"JOIN {t} {a} ON {a}.id = b.{o}_id" for o, (a, t) in _TABLES.items() if o)}
ORDER BY b.id DESC
"""  # noqa: S608  names of our own tables and columns
_NEWEST: Final = """
SELECT k.id FROM bookings_booking k WHERE k.id < %(below)s AND {condition}
ORDER BY k.id DESC LIMIT {limit}
"""
_OF_ALL: Final = "SELECT found.id FROM ({newest}) AS found"
_OF_BUSINESSES: Final = """
SELECT found.id FROM unnest(%(businesses)s::bigint[]) AS own (id)
CROSS JOIN LATERAL ({newest}) AS found
"""
_OF_CUSTOMER: Final = """
SELECT found.id FROM accounts_contact AS own
CROSS JOIN LATERAL ({newest}) AS found
WHERE own.user_id = %(customer)s
"""
_IN_BUSINESS: Final = (
    "k.business_id = (SELECT id FROM accounts_business WHERE public_id = %(business)s)"
)


class ListedBooking(NamedTuple):
    """A row of the list; `row_id` is for the cursor and leaves nowhere."""

    row_id: int
    business: str
    customer_name: str
    customer_email: str
    customer_phone: str
    customer_note: str
    created_at: datetime
    facts: BookingFacts


def list_bookings(
    actor: Actor, *, limit: int, below: int | None = None, business: str = "", status: str = ""
) -> list[ListedBooking]:
    """Return at most `limit` bookings the actor may see, the newest first; one statement.

    `below` is the row id the page before ended with, `business` a public id.
    """
    within = reach(actor, Booking)
    # Numbers of rows stand in the statement: without them no general plan can be a good one.
    filters = [
        text
        for text, value in ((_IN_BUSINESS, business), ("k.status = %(status)s", status))
        if value
    ]

    def newest(*conditions: str) -> str:
        wanted = " AND ".join((*conditions, *filters)) or "true"
        return _NEWEST.format(condition=wanted, limit=int(limit))

    branches = []
    if within.is_all:
        branches.append(_OF_ALL.format(newest=newest()))
    if within.businesses:
        branches.append(_OF_BUSINESSES.format(newest=newest("k.business_id = own.id")))
    if within.customer is not None:
        branches.append(_OF_CUSTOMER.format(newest=newest("k.contact_id = own.id")))
    if not branches:
        return []
    parameters: dict[str, Any] = {
        "below": _FIRST if below is None else below,
        "businesses": list(within.businesses),
        "customer": within.customer,
        "business": business,
        "status": status,
    }
    with prepared_cursor(is_binary=True) as cursor:
        cursor.execute(_PAGE.format(ids=" UNION ".join(branches), limit=int(limit)), parameters)
        return [_listed(row) for row in cursor.fetchall()]


def _listed(row: Sequence[Any]) -> ListedBooking:
    own = len(_COLUMNS) - len(FACT_COLUMNS)
    return ListedBooking._make((*row[:own], BookingFacts._make(row[own:])))
