"""One view of what happened to an object: events, audit entries, and what other apps add.

An app adds a source in its `apps.py: ready()`: a function that takes public ids and yields
entries. The object's related ids (its payments, its refunds) are the caller's to name.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import ApiKey, AuditEntry, User
from events.queries import subject_events

Source = Callable[[tuple[str, ...], int], Iterable["Entry"]]

_TONES: Final = {
    "success": ("confirmed", "succeeded", "completed", "done", "delivered", "created"),
    "danger": ("failed", "canceled", "expired", "no_show", "dead", "disabled"),
    "warning": ("review_opened", "uncertain", "requested"),
}
_sources: list[Source] = []


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline; `at` is aware, `tone` one of success, danger, warning or empty."""

    at: dt.datetime
    title: str
    detail: str = ""
    tone: str = ""
    actor: str = ""
    subject: str = ""
    link: str = ""


def add_source(source: Source) -> None:
    """Let a source contribute; the same one again changes nothing."""
    if source not in _sources:
        _sources.append(source)


def entries(*subjects: str, limit: int = 100) -> list[Entry]:
    """Return the newest entries about these objects, newest first; actors are named."""
    wanted = tuple(subject for subject in subjects if subject)
    if not wanted:
        return []
    found = [*_events(wanted, limit), *_audit(wanted, limit)]
    for source in _sources:
        found.extend(source(wanted, limit))
    found.sort(key=lambda entry: entry.at, reverse=True)
    return _named(found[:limit])


def words(name: str) -> str:
    """Write a dotted name such as `booking.no_show` as words."""
    return name.replace(".", " ").replace("_", " ").capitalize()


def _tone(name: str) -> str:
    ending = name.rpartition(".")[2]
    return next((tone for tone, endings in _TONES.items() if ending in endings), "")


def _events(subjects: tuple[str, ...], limit: int) -> Iterable[Entry]:
    for event in subject_events(*subjects, limit=limit):
        status = event.data.get("status", "")
        yield Entry(
            at=event.at,
            title=words(event.type),
            detail=str(status).replace("_", " ") if status else "",
            tone=_tone(event.type),
            actor=event.actor,
            subject=event.subject,
        )


def _audit(subjects: tuple[str, ...], limit: int) -> Iterable[Entry]:
    rows = AuditEntry.objects.filter(subject__in=subjects).order_by("-id")[:limit]
    for row in rows:
        changes = ", ".join(
            f"{name}: {row.before.get(name, '—')} → {value}" for name, value in row.after.items()
        )
        yield Entry(
            at=row.at,
            title=words(row.action),
            detail=" · ".join(part for part in (row.reason, changes) if part),
            actor=row.actor,
            subject=row.subject,
        )


def _named(found: list[Entry]) -> list[Entry]:
    ids = {entry.actor for entry in found if entry.actor.startswith("usr_")}
    names = dict(User.objects.filter(public_id__in=ids).values_list("public_id", "full_name"))
    keys = {entry.actor for entry in found if entry.actor.startswith("key_")}
    if keys:
        rows = ApiKey.objects.filter(public_id__in=keys).values_list("public_id", "name")
        names |= {key: _("API key %(name)s") % {"name": name} for key, name in rows}
    named = []
    for entry in found:
        actor = names.get(entry.actor, entry.actor)
        if actor.startswith("system"):
            actor = _("Frontdesk")
        named.append(
            Entry(
                entry.at,
                entry.title,
                entry.detail,
                entry.tone,
                actor,
                entry.subject,
                entry.link,
            )
        )
    return named
