"""One view of what happened to an object: events, audit entries, and what other apps add.

An app adds a source in its `apps.py: ready()`: a function that takes public ids and yields
entries. The object's related ids (its payments, its refunds) are the caller's to name.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts import naming
from accounts.models import AuditEntry, SecurityEntry, User
from events.queries import subject_events

Source = Callable[[tuple[str, ...], int], Iterable["Entry"]]

_TONES: Final = {
    "success": ("confirmed", "succeeded", "completed", "done", "delivered", "created"),
    "danger": ("failed", "canceled", "expired", "no_show", "dead", "disabled"),
    "warning": ("review_opened", "uncertain", "requested"),
}
_PUBLIC_ID: Final = re.compile(r"[a-z]{3}_[0-9a-z]{26}")
_sources: list[Source] = []
_titles: dict[str, str | Promise] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline; `at` is aware, `tone` one of success, danger, warning or empty.

    `name` is what people call the subject; the object whose page this is has none.
    """

    at: dt.datetime
    title: str
    detail: str = ""
    tone: str = ""
    actor: str = ""
    subject: str = ""
    link: str = ""
    name: str = ""


def add_source(source: Source) -> None:
    """Let a source contribute; the same one again changes nothing."""
    if source not in _sources:
        _sources.append(source)


def add_titles(titles: Mapping[str, str | Promise]) -> None:
    """Say what events and audited acts are called, by their dotted names."""
    _titles.update(titles)


def entries(*subjects: str, limit: int = 100) -> list[Entry]:
    """Return the newest entries about these objects, newest first; actors and objects are named.

    The first subject is the object whose page asks: its entries carry no subject.
    """
    wanted = tuple(subject for subject in subjects if subject)
    if not wanted:
        return []
    found = [*_events(wanted, limit), *_audit(wanted, limit)]
    for source in _sources:
        found.extend(source(wanted, limit))
    found.sort(key=lambda entry: entry.at, reverse=True)
    return _named(found[:limit], own=subjects[0])


def activity(user: User, *, limit: int = 100) -> list[Entry]:
    """Return what the account did and what happened to it, newest first: its activity log.

    Across every business, so for those only who may see them all.
    """
    wanted = (user.public_id,)
    found = [*_events(wanted, limit), *_acts(user.public_id, limit)]
    for row in SecurityEntry.objects.filter(subject=user.public_id).order_by("-id")[:limit]:
        tone = {"warning": "warning", "alert": "danger"}.get(row.severity, "")
        place = " · ".join(
            str(part)
            for part in (row.address, row.detail.get("route"), row.detail.get("object"))
            if part
        )
        found.append(Entry(row.at, words(row.kind), place, tone, "", row.subject))
    found.sort(key=lambda entry: entry.at, reverse=True)
    return _named(found[:limit], own=user.public_id)


def words(name: str) -> str:
    """Return the title of an event or act such as `booking.no_show`, or its name in words."""
    if name in _titles:
        return str(_titles[name])
    return name.replace(".", " ").replace("_", " ").replace("-", " ").capitalize()


def _tone(name: str) -> str:
    ending = name.rpartition(".")[2]
    return next((tone for tone, endings in _TONES.items() if ending in endings), "")


def _events(subjects: tuple[str, ...], limit: int) -> Iterable[Entry]:
    for event in subject_events(*subjects, limit=limit):
        status = str(event.data.get("status", ""))
        yield Entry(
            at=event.at,
            title=words(event.type),
            detail=_(status.replace("_", " ")) if status and status not in event.type else "",
            tone=_tone(event.type),
            actor=event.actor,
            subject=event.subject,
        )


def _audit(subjects: tuple[str, ...], limit: int) -> Iterable[Entry]:
    yield from _told(AuditEntry.objects.filter(subject__in=subjects).order_by("-id")[:limit])


def _acts(user_id: str, limit: int) -> Iterable[Entry]:
    own = Q(actor=user_id) | Q(subject=user_id)
    yield from _told(AuditEntry.objects.filter(own).order_by("-id")[:limit])


def _told(rows: Iterable[AuditEntry]) -> Iterable[Entry]:
    for row in rows:
        changes = ", ".join(
            _change(name.removesuffix("_id").replace("_", " "), row.before.get(name), value)
            for name, value in row.after.items()
            if not _PUBLIC_ID.fullmatch(str(value))
        )
        yield Entry(
            at=row.at,
            title=words(row.action),
            detail=" · ".join(part for part in (row.reason, changes) if part),
            actor=row.actor,
            subject=row.subject,
        )


def _change(name: str, before: object, after: object) -> str:
    """Write one changed value; what had none before is only named."""
    label = _(name)
    return f"{label}: {after}" if before is None or before == "" else f"{label}: {before} → {after}"


def actor_name(actor: str, names: Mapping[str, str]) -> str:
    """Return what people call the actor of an event: a person, a guest, or the program itself."""
    if actor.startswith("system"):
        return _("Frontdesk")
    return _("guest") if actor == "guest" else names.get(actor, actor)


def _named(found: list[Entry], *, own: str) -> list[Entry]:
    names = naming.names_of(
        public_id for entry in found for public_id in (entry.actor, entry.subject) if public_id
    )
    return [
        replace(
            entry,
            actor=actor_name(entry.actor, names),
            subject="" if entry.subject == own else entry.subject,
            name="" if entry.subject == own else names.get(entry.subject, ""),
        )
        for entry in found
    ]
