"""The registry of those who hold personal data; filled in `apps.py: ready()`, nowhere else.

A holder exports and erases what its app knows of a person. Erasing runs inside one transaction,
from the app on top down, so that a holder still finds what it needs below.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet
from django.db.models.fields.files import FieldFile

from accounts.models import Contact, User

# What stands where a name stood; the same in every language, as it is data.
ERASED: Final = "—"


@dataclass(frozen=True, slots=True)
class Subject:
    """The person: an account, or none for a guest, and the customers of businesses they are."""

    user: User | None
    contacts: tuple[Contact, ...]

    @property
    def ids(self) -> list[str]:
        """Return the public ids of account, working profile and customers."""
        found = [contact.public_id for contact in self.contacts]
        if self.user is not None:
            staff = getattr(self.user, "staff", None)
            found += [self.user.public_id, *([staff.public_id] if staff else [])]
        return found


def subject_of_user(user: User) -> Subject:
    """Return the account with every customer who carries one of its proven addresses."""
    proven = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    wanted = Q(user=user)
    for email in proven:
        wanted |= Q(email__iexact=email, user__isnull=True)
    return Subject(user, tuple(_ordered(Contact.objects.filter(wanted))))


def subject_of_contact(contact: Contact) -> Subject:
    """Return one business's customer; their account, if any, is theirs to erase."""
    return Subject(None, (contact,))


def _ordered(rows: QuerySet[Contact]) -> QuerySet[Contact]:
    return rows.select_related("business").order_by("pk")


def _nothing(_subject: Subject) -> Any:
    return ()


@dataclass(frozen=True, slots=True)
class Holder:
    """What one app does with a person's data.

    `export` returns JSON values by name; `files` the files that belong to them, by path in the
    archive. `objects` names, by public id, what is theirs (bookings, payments): records about these
    are cleaned for every app. `erase` removes and blanks, returns how many rows it touched, and
    repeats safely.
    """

    name: str
    export: Callable[[Subject], Mapping[str, Any]]
    erase: Callable[[Subject], int]
    objects: Callable[[Subject], Iterable[str]] = _nothing
    files: Callable[[Subject], Iterable[tuple[str, FieldFile]]] = _nothing


_holders: dict[str, Holder] = {}


def register(holder: Holder) -> None:
    """Add a holder; the same name again replaces it."""
    _holders[holder.name] = holder


def holders() -> list[Holder]:
    """Return the holders, the lowest app first."""
    return list(_holders.values())


def objects_of(subject: Subject) -> list[str]:
    """Return the public ids of the person and of everything that is theirs."""
    return [*subject.ids, *(item for holder in holders() for item in holder.objects(subject))]


def listed(rows: QuerySet[Any], *names: str) -> list[dict[str, Any]]:
    """Return the named columns of the rows, for an export."""
    return [dict(row) for row in rows.values(*names)]
