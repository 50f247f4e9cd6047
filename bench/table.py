"""The table of results."""

import sys
from dataclasses import dataclass
from typing import Final

from bench.comparing import Comparison

_HEAD: Final = ("what", "measured", "target", "", "floor and notes")


@dataclass(frozen=True, slots=True)
class Row:
    """One measured promise. `is_met` is None where the floor was too uneven to say."""

    what: str
    measured: str
    target: str
    is_met: bool | None
    note: str = ""

    @property
    def verdict(self) -> str:
        """Return pass, miss or void."""
        return {True: "pass", False: "MISS", None: "void"}[self.is_met]


def ratio_row(what: str, found: Comparison, *, least: float, note: str = "") -> Row:
    """Return the row of a ratio that must be at least so much."""
    has_failed = bool(found.failures)
    parts = [f"{found.our_rate:,.0f}/s to {found.floor_rate:,.0f}/s"]
    if found.is_void:
        parts.append(f"floor moved {found.drift:.0%} in {found.attempts} attempts")
    if has_failed:
        parts.append(f"{found.failures} answers outside 2xx")
    if note:
        parts.append(note)
    is_met = found.ratio >= least and not has_failed
    return Row(
        what,
        f"{found.ratio:.2f}x",
        f">= {least:.2f}x",
        None if found.is_void and not has_failed else is_met,
        "; ".join(parts),
    )


def limit_row(what: str, value: float, *, most: float, unit: str, note: str = "") -> Row:
    """Return the row of a figure that must be at most so much."""
    digits = 0 if float(most).is_integer() and unit == "" else 1
    return Row(
        what,
        f"{value:,.{digits}f} {unit}".strip(),
        f"<= {most:g} {unit}".strip(),
        value <= most,
        note,
    )


def show(rows: list[Row], *, title: str) -> None:
    """Print the whole table."""
    cells = [_HEAD, *((r.what, r.measured, r.target, r.verdict, r.note) for r in rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(_HEAD))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        for row in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    met, missed = (sum(row.is_met is state for row in rows) for state in (True, False))
    total = f"{met} pass, {missed} miss, {len(rows) - met - missed} void"
    sys.stdout.write("\n".join(["", title, "", *(line.rstrip() for line in lines), "", total, ""]))
    sys.stdout.flush()


def tell(text: str) -> None:
    """Say what is going on, beside the table."""
    sys.stderr.write(f"bench: {text}\n")
    sys.stderr.flush()
