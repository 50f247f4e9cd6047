"""Pieces of answers that several endpoints share."""

from typing import Annotated, Any

from pydantic import Field

PublicId = Annotated[str, Field(pattern="^[a-z]{2,6}_[0-9a-z]{26}$")]
Instant = Annotated[
    str, Field(json_schema_extra={"format": "date-time"}, examples=["2028-06-05T08:00:00+00:00"])
]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["VND"])]
Minor = Annotated[
    int,
    Field(ge=0, description="Whole minor units of the currency: 1500 is USD 15.00 or VND 1500."),
]


def page_body(data: list[Any], next_cursor: str | None) -> dict[str, Any]:
    """Return the body of a list page."""
    return {"data": data, "next_cursor": next_cursor}
