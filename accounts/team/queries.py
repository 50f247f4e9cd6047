"""Reads of the team of a business."""

from accounts.models import Business, Invitation, Membership
from accounts.team import tokens
from common.errors import NotFound


def members_of(business: Business) -> list[Membership]:
    """Return the members with their accounts, the longest there first."""
    rows = Membership.objects.filter(business=business).select_related("user", "business")
    return list(rows.order_by("id"))


def member_of(business: Business, user_id: str) -> Membership:
    """Return a member by the account's public id. Raises NotFound."""
    rows = Membership.objects.filter(business=business, user__public_id=user_id)
    found = rows.select_related("user", "business").first()
    if found is None:
        raise NotFound
    return found


def open_invitations(business: Business) -> list[Invitation]:
    """Return the invitations nobody has taken up, the newest first; some may be too old."""
    rows = Invitation.objects.filter(business=business, status=Invitation.Status.OPEN)
    return list(rows.select_related("business", "invited_by").order_by("-id"))


def find_invitation(public_id: str) -> Invitation | None:
    """Return the invitation as it is now."""
    rows = Invitation.objects.select_related("business", "invited_by")
    return rows.filter(public_id=public_id).first()


def invitation_of(token: str) -> Invitation:
    """Return the invitation a link names, ended ones too. Raises NotFound."""
    rows = Invitation.objects.select_related("business", "invited_by")
    found = rows.filter(token_hash=tokens.hash_of(token)).first()
    if found is None:
        raise NotFound
    return found
