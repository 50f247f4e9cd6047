"""Facts about the team of a business. Names and addresses are looked up when sending."""

from typing_extensions import TypedDict

from accounts.models import Business, Invitation, User
from events.types import EventType, NewEvent


class InvitationData(TypedDict):
    """An invitation, without the address it went to."""

    id: str
    role: str
    status: str
    expires_at: str
    version: int


class MemberData(TypedDict):
    """A person's place in a business; `role` is empty once they have left."""

    user: str
    role: str
    previous_role: str


_INVITATION: InvitationData = {
    "id": "inv_01kac3w1v5h0e8y2r7m4q9t6zd",
    "role": "front_desk",
    "status": "open",
    "expires_at": "2028-06-12T08:00:00+00:00",
    "version": 1,
}
_MEMBER: MemberData = {
    "user": "usr_01kac3w1v5h0e8y2r7m4q9t6zd",
    "role": "manager",
    "previous_role": "front_desk",
}

INVITATION_SENT = EventType(
    "invitation.sent", InvitationData, "Somebody was invited, or invited again.", _INVITATION
)
INVITATION_ACCEPTED = EventType(
    "invitation.accepted",
    InvitationData,
    "An invited person joined the business.",
    {**_INVITATION, "status": "accepted"},
)
INVITATION_CANCELED = EventType(
    "invitation.canceled",
    InvitationData,
    "An invitation was withdrawn.",
    {**_INVITATION, "status": "canceled"},
)
MEMBER_JOINED = EventType(
    "member.joined", MemberData, "Somebody got a place in a business.", _MEMBER
)
MEMBER_ROLE_CHANGED = EventType(
    "member.role_changed", MemberData, "A member may do something else now.", _MEMBER
)
MEMBER_REMOVED = EventType(
    "member.removed", MemberData, "Somebody left a business or was removed.", _MEMBER
)
TYPES = (
    INVITATION_SENT,
    INVITATION_ACCEPTED,
    INVITATION_CANCELED,
    MEMBER_JOINED,
    MEMBER_ROLE_CHANGED,
    MEMBER_REMOVED,
)


def invitation_payload(invitation: Invitation) -> InvitationData:
    """Return the facts of an invitation that may leave the product."""
    return {
        "id": invitation.public_id,
        "role": invitation.role,
        "status": invitation.status,
        "expires_at": invitation.expires_at.isoformat(),
        "version": invitation.version,
    }


def of_invitation(kind: EventType, invitation: Invitation, *, actor: str) -> NewEvent:
    """Return a fact about an invitation."""
    return NewEvent(
        kind,
        invitation.business.public_id,
        invitation.public_id,
        invitation_payload(invitation),
        actor,
    )


def of_member(
    kind: EventType, business: Business, user: User, *, role: str, before: str, actor: str
) -> NewEvent:
    """Return a fact about a person's place in a business; the person is its subject."""
    data: MemberData = {"user": user.public_id, "role": role, "previous_role": before}
    return NewEvent(kind, business.public_id, user.public_id, data, actor)
