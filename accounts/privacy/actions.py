"""Asking for one's data, and erasing a person."""

import logging
from collections.abc import Collection
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.models import Business, Contact, Erasure, Membership, PersonalExport, Role, User
from accounts.privacy import holders, own
from accounts.privacy.holders import Subject
from common.db import retry_on_conflict
from common.errors import Conflict
from events import actions as events
from events import nudge
from events.lanes import Lane
from events.models import Work

logger = logging.getLogger(__name__)
FINISH: Final = "accounts.finish_erasure"


@transaction.atomic
def request_export(*, user: User) -> PersonalExport:
    """Ask for an archive of the person's data, which the relay makes and mails a link to.

    One that is being made, or still can be fetched, is returned instead of another.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    known = (
        PersonalExport.objects.filter(user=user, state__in=[Work.State.OPEN, Work.State.DONE])
        .exclude(expires_at__lte=timezone.now())
        .defer("body")
        .order_by("-pk")
        .first()
    )
    if known is not None:
        return known
    made = PersonalExport.objects.create(user=user, lane=Lane.BULK, key=f"export:{user.public_id}")
    actions.record_audit(actor=user.public_id, action="user.request_export", subject=user.public_id)
    transaction.on_commit(lambda: nudge.wake(Lane.BULK))
    return made


@retry_on_conflict
@transaction.atomic
def erase_user(*, user_id: int, actor: str, reason: str = "") -> Erasure:
    """Erase an account and every customer who is the same person, for good; repeats safely.

    What the law makes a business keep of money stays, without the person. The caller has proof
    that the person, or staff on their request, wants it. Raises Conflict for the last owner of a
    business.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    owned = Business.objects.filter(memberships__user=user, memberships__role=Role.OWNER)
    for business in owned.select_for_update(of=("self",)).order_by("pk"):
        owners = Membership.objects.filter(business=business, role=Role.OWNER)
        if owners.count() == 1:
            raise Conflict(
                _("%(business)s has no other owner. Hand it over first.")
                % {"business": business.name}
            )
    return _erase(holders.subject_of_user(user), action="user.erase", actor=actor, reason=reason)


@retry_on_conflict
@transaction.atomic
def erase_contact(*, contact_id: int, actor: str, reason: str) -> Erasure:
    """Erase one business's customer for good; an account they have stays theirs. Repeats safely."""
    # Not locked here: calendars and bookings come before customers, as when a booking is made.
    contact = Contact.objects.select_related("business").get(pk=contact_id)
    return _erase(
        holders.subject_of_contact(contact), action="contact.erase", actor=actor, reason=reason
    )


def _erase(subject: Subject, *, action: str, actor: str, reason: str) -> Erasure:
    # First on record, then cleaned with the rest.
    business = "" if subject.user else subject.contacts[0].business.public_id
    actions.record_audit(
        actor=actor,
        action=action,
        subject=(subject.user or subject.contacts[0]).public_id,
        business=business,
        reason=reason,
    )
    if subject.user is not None:
        actions.end_sessions(user=subject.user, actor=actor)
    erasure = Erasure.objects.create(subjects=subject.ids, actor=actor)
    apply(subject, erasure)
    events.schedule(reaction=FINISH, subject=erasure.public_id, due_at=timezone.now())
    logger.warning(
        "person erased", extra={"erasure": erasure.public_id, "subjects": erasure.subjects}
    )
    return erasure


def apply(subject: Subject, erasure: Erasure) -> None:
    """Let every holder erase, the app on top first, then clean the records; repeats safely."""
    every = holders.holders()
    ids = sorted({*holders.objects_of(subject)})
    files = [file.name for holder in every for _path, file in holder.files(subject)]
    count = sum(holder.erase(subject) for holder in reversed(every))
    # What erasing itself recorded, such as a canceled booking, is among the ids as well.
    count += own.clean_records(subjects=ids)
    erasure.row_count, erasure.files = count, files
    erasure.save(update_fields=["row_count", "files"])


@retry_on_conflict
@transaction.atomic
def apply_again(*, public_id: str, subjects: Collection[str], actor: str) -> int:
    """Erase again what a restored backup brought back; returns how many rows it touched.

    The record of the erasure is made again where the backup is older than it.
    """
    erasure, _is_new = Erasure.objects.get_or_create(
        public_id=public_id, defaults={"subjects": list(subjects), "actor": actor}
    )
    count = 0
    user = User.objects.select_for_update(no_key=True).filter(public_id__in=subjects).first()
    contacts = Contact.objects.select_related("business").filter(public_id__in=subjects)
    found = {contact.pk: contact for contact in contacts.order_by("pk")}
    if user is not None:
        found |= {contact.pk: contact for contact in holders.subject_of_user(user).contacts}
    if user is not None or found:
        apply(Subject(user, tuple(found.values())), erasure)
        count = erasure.row_count
        events.schedule(reaction=FINISH, subject=erasure.public_id, due_at=timezone.now())
    return count
