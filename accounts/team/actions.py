"""Writes to the team of a business.

Every one locks the business first and the invitation after it, so that the rules about owners
and about one open invitation hold whoever acts at the same time.
"""

import datetime as dt
import secrets
from typing import Final

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import actions, policy
from accounts.models import Business, Invitation, Membership, Role, SecurityEntry, User
from accounts.team import events as team_events
from accounts.team import tokens
from accounts.team.errors import AlreadyMember, InvitationEnded, InvitedAnother, SentJustNow
from common.errors import Conflict, Forbidden, NotFound
from events import actions as events

LIFETIME: Final = dt.timedelta(days=7)
PAUSE: Final = dt.timedelta(minutes=1)
MOST_OPEN: Final = 50
S = Invitation.Status


@transaction.atomic
def invite(*, business: Business, email: str, role: Role, inviter: User) -> Invitation:
    """Invite an address to the business; an open invitation of it gets the role and goes out anew.

    Raises AlreadyMember for one of the team, SentJustNow within a minute, Conflict when 50
    invitations are open.
    """
    _lock(business, by=inviter)
    email = User.objects.normalize_email(email).strip()
    if Membership.objects.filter(business=business, user__in=_users_of(email)).exists():
        raise AlreadyMember
    now = timezone.now()
    open_ones = Invitation.objects.select_for_update().filter(business=business, status=S.OPEN)
    invitation = open_ones.filter(email__iexact=email).first()
    if invitation is None:
        if open_ones.filter(expires_at__gt=now).count() >= MOST_OPEN:
            raise Conflict(_("Too many invitations are open. Cancel those you do not need."))
        invitation = Invitation(business=business, email=email)
        invitation.created_at = now
    elif invitation.sent_at > now - PAUSE:
        raise SentJustNow
    invitation.role = role
    invitation.invited_by = inviter
    return _send(invitation, actor=inviter.public_id, now=now)


@transaction.atomic
def resend(*, invitation_id: str, inviter: User) -> Invitation:
    """Send an open invitation again with a new link and a new week; the old link is void.

    Raises NotFound, InvitationEnded, SentJustNow.
    """
    invitation = _locked(invitation_id, by=inviter)
    now = timezone.now()
    if invitation.status != S.OPEN:
        raise InvitationEnded
    if invitation.sent_at > now - PAUSE:
        raise SentJustNow
    return _send(invitation, actor=inviter.public_id, now=now)


@transaction.atomic
def cancel(*, invitation_id: str, by: User) -> Invitation:
    """Withdraw an invitation; raises NotFound, InvitationEnded once accepted. Repeats safely."""
    invitation = _locked(invitation_id, by=by)
    if invitation.status == S.CANCELED:
        return invitation
    if invitation.status != S.OPEN:
        raise InvitationEnded
    _end(invitation, S.CANCELED, now=timezone.now())
    _record(invitation, "invitation.cancel", by.public_id)
    events.record(
        team_events.of_invitation(team_events.INVITATION_CANCELED, invitation, actor=by.public_id)
    )
    return invitation


def accept(*, token: str, user: User) -> Membership:
    """Take the place the link offers, as the account that has proven the invited address.

    Somebody who became a member meanwhile keeps their role. The same account again gets the same
    place. Raises NotFound for an unknown link, InvitedAnother, InvitationEnded.
    """
    rows = Invitation.objects.select_related("business")
    found = rows.filter(token_hash=tokens.hash_of(token)).first()
    if found is None:
        raise NotFound
    if not has_proven(user, found.email):
        # Outside the transaction, which the refusal undoes.
        actions.record_security(
            kind="invitation.other_address",
            severity=SecurityEntry.Severity.INFO,
            subject=user.public_id,
            business=found.business.public_id,
            once_key=f"invitation.other:{found.public_id}:{user.public_id}",
        )
        raise InvitedAnother
    return _take(invitation_id=found.public_id, token=token, user=user)


@transaction.atomic
def _take(*, invitation_id: str, token: str, user: User) -> Membership:
    invitation = _locked(invitation_id)
    now = timezone.now()
    member = Membership.objects.filter(business=invitation.business, user=user).first()
    if invitation.status == S.ACCEPTED and invitation.accepted_by_id == user.pk and member:
        return member
    # The link may have been sent anew between reading and locking.
    is_current = invitation.token_hash == tokens.hash_of(token)
    if invitation.status_at(now) is not S.OPEN or not is_current:
        raise InvitationEnded
    invitation.accepted_by = user
    _end(invitation, S.ACCEPTED, now=now)
    if member is None:
        member = actions.add_member(
            business=invitation.business,
            user=user,
            role=Role(invitation.role),
            actor=user.public_id,
        )
    policy.forget_roles(user)
    events.record(
        team_events.of_invitation(team_events.INVITATION_ACCEPTED, invitation, actor=user.public_id)
    )
    return member


@transaction.atomic
def change_role(*, business: Business, user: User, role: Role, by: User) -> Membership:
    """Give a member another role; raises NotFound for none, Conflict for the last owner."""
    _lock(business, by=by)
    if not Membership.objects.filter(business=business, user=user).exists():
        raise NotFound
    return actions.add_member(business=business, user=user, role=role, actor=by.public_id)


@transaction.atomic
def remove(*, business: Business, user: User, by: User, reason: str = "") -> None:
    """End a person's place, by an owner or by themselves.

    Raises NotFound, and Conflict for the last owner.
    """
    _lock(business, by=by if by.pk != user.pk else None)
    member = Membership.objects.filter(business=business, user=user).first()
    if member is None:
        raise NotFound
    actions.remove_member(membership_id=member.pk, actor=by.public_id, reason=reason)


@transaction.atomic
def hand_over(*, business: Business, owner: User, to: User) -> Membership:
    """Make another member the owner; the one who hands over stays as manager.

    Raises NotFound for nobody of the team, Conflict when the giver is no owner (any more) or
    gives to themselves.
    """
    _lock(business)
    places = {
        place.user_id: place
        for place in Membership.objects.filter(business=business, user__in=[owner, to])
    }
    if to.pk not in places:
        raise NotFound
    giver = places.get(owner.pk)
    if giver is None or giver.role != Role.OWNER or owner.pk == to.pk:
        raise Conflict(_("Only an owner can hand the business over to somebody else."))
    member = actions.add_member(business=business, user=to, role=Role.OWNER, actor=owner.public_id)
    actions.add_member(business=business, user=owner, role=Role.MANAGER, actor=owner.public_id)
    actions.record_security(
        kind="business.handed_over",
        severity=SecurityEntry.Severity.WARNING,
        subject=business.public_id,
        business=business.public_id,
        detail={"from": owner.public_id, "to": to.public_id},
    )
    return member


def has_proven(user: User, email: str) -> bool:
    """Say whether the address is one of the account's proven ones, in any case of letters."""
    rows = EmailAddress.objects.filter(user=user, email__iexact=email, verified=True)
    return user.is_active and bool(rows.exists())


def _users_of(email: str) -> list[int]:
    rows = EmailAddress.objects.filter(email__iexact=email, verified=True)
    by_account = User.objects.filter(email__iexact=email).values_list("pk", flat=True)
    return [*rows.values_list("user_id", flat=True), *by_account]


def _lock(business: Business, *, by: User | None = None) -> None:
    """Lock the business; raises Forbidden when `by` may not change its team (any more).

    The door asked already, but who was removed meanwhile must not act on.
    """
    Business.objects.select_for_update().get(pk=business.pk)
    if by is not None:
        policy.forget_roles(by)
        if not policy.can_in(by, "change", Membership, business):
            raise Forbidden


def _locked(invitation_id: str, *, by: User | None = None) -> Invitation:
    rows = Invitation.objects.select_related("business")
    found = rows.filter(public_id=invitation_id).first()
    if found is None:
        raise NotFound
    _lock(found.business, by=by)
    return (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("business")
        .get(pk=found.pk)
    )


def _send(invitation: Invitation, *, actor: str, now: dt.datetime) -> Invitation:
    is_new = invitation.pk is None
    invitation.nonce = secrets.token_hex(32)
    invitation.token_hash = tokens.hash_of(tokens.token_of(invitation))
    invitation.sent_at, invitation.expires_at = now, now + LIFETIME
    invitation.version = 1 if is_new else invitation.version + 1
    invitation.save()
    _record(invitation, "invitation.send", actor, role=invitation.role)
    events.record(team_events.of_invitation(team_events.INVITATION_SENT, invitation, actor=actor))
    return invitation


def _end(invitation: Invitation, status: Invitation.Status, *, now: dt.datetime) -> None:
    invitation.status, invitation.ended_at = status, now
    invitation.version += 1
    invitation.save()


def _record(invitation: Invitation, action: str, actor: str, **after: str) -> None:
    # Without the address: the audit log outlives personal data.
    actions.record_audit(
        actor=actor,
        action=action,
        business=invitation.business.public_id,
        subject=invitation.public_id,
        after=after,
    )
