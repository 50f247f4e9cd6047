"""REST: members and invitations of a business."""

from typing import Annotated

from django.urls import path
from django.utils import timezone
from pydantic import Field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from accounts import policy
from accounts.models import Business, Invitation, Membership, Role, User
from accounts.profiles import find_profile
from accounts.team import actions
from accounts.team.queries import find_invitation, member_of
from common.bodies import Instant, PublicId, page_body
from common.endpoints import ApiView, read
from common.errors import Forbidden, NotFound, NotSignedIn
from common.fields_api import PublicIdInput
from common.openapi import Output, operation, page_of
from common.pagination import paginate
from common.serializers import InputSerializer, PageQuery

RoleName = Annotated[str, Field(json_schema_extra={"enum": list(Role.values)})]
StatusName = Annotated[str, Field(json_schema_extra={"enum": list(Invitation.Status.values)})]


class MemberBody(TypedDict):
    """A member of the team; `id` is the account's."""

    id: PublicId
    full_name: str
    email: str
    role: RoleName
    since: Instant


class InvitationBody(TypedDict):
    """An invitation; its link goes to the address alone."""

    id: PublicId
    email: str
    role: RoleName
    status: StatusName
    expires_at: Instant


class InviteInput(InputSerializer):
    """Whom to invite, as what."""

    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=Role.values)


class RoleInput(InputSerializer):
    """The role to give."""

    role = serializers.ChoiceField(choices=Role.values)


class OwnerInput(InputSerializer):
    """Who becomes the owner."""

    member = PublicIdInput("usr", help_text="The account's id.")


class AcceptInput(InputSerializer):
    """The last part of the link that was sent."""

    token = serializers.RegexField(r"^[A-Za-z0-9_-]{20,64}$")


def member_body(place: Membership) -> MemberBody:
    """Return a member."""
    return {
        "id": place.user.public_id,
        "full_name": place.user.full_name,
        "email": place.user.email,
        "role": place.role,
        "since": place.created_at.isoformat(),
    }


def invitation_body(invitation: Invitation) -> InvitationBody:
    """Return an invitation."""
    return {
        "id": invitation.public_id,
        "email": invitation.email,
        "role": invitation.role,
        "status": invitation.status_at(timezone.now()).value,
        "expires_at": invitation.expires_at.isoformat(),
    }


def _person(request: Request) -> User:
    if not isinstance(request.user, User):
        raise NotSignedIn
    return request.user


def _business(
    request: Request, ref: str, verb: str, kind: type[Membership | Invitation]
) -> Business:
    """Return the business; raises NotFound, and Forbidden for who may not do the verb there."""
    business = find_profile(ref)
    if not policy.can_in(_person(request), verb, kind, business):
        raise Forbidden
    return business


class MembersView(ApiView):
    """The team."""

    throttle_category = "general"

    @operation(
        name="listMembers",
        summary="List the members of a business",
        tag="team",
        query=PageQuery,
        answers={200: page_of(MemberBody)},
    )
    def get(self, request: Request, business: str) -> Response:
        """Return a page of members, the longest there first."""
        found = _business(request, business, "view", Membership)
        query = read(PageQuery, request.query_params)
        page = paginate(
            Membership.objects.filter(business=found).select_related("user"),
            order=("id",),
            scope=f"members:{found.pk}",
            cursor=query["cursor"],
            limit=query["limit"],
        )
        return Response(page_body([member_body(row) for row in page.rows], page.next_cursor))


class MemberView(ApiView):
    """One member."""

    throttle_category = "general"

    @operation(
        name="changeMemberRole",
        summary="Change a member's role",
        tag="team",
        body=RoleInput,
        answers={200: Output(MemberBody)},
        can_conflict=True,
    )
    def patch(self, request: Request, business: str, member: str) -> Response:
        """Give the member another role; a business keeps at least one owner."""
        found = _business(request, business, "change", Membership)
        place = member_of(found, member)
        role = Role(read(RoleInput, request.data)["role"])
        actions.change_role(business=found, user=place.user, role=role, by=_person(request))
        return Response(member_body(member_of(found, member)))

    @operation(
        name="removeMember",
        summary="Remove a member",
        description="Ends their access at once. Answers with the member as they were.",
        tag="team",
        answers={200: Output(MemberBody)},
        can_conflict=True,
    )
    def delete(self, request: Request, business: str, member: str) -> Response:
        """Remove the member; everybody may remove themselves, but for the last owner."""
        found, person = find_profile(business), _person(request)
        if not policy.can_in(person, "view", Membership, found):
            raise Forbidden
        place = member_of(found, member)
        if place.user_id != person.pk:
            policy.require(person, "change", place)
        body = member_body(place)
        actions.remove(business=found, user=place.user, by=person)
        return Response(body)


class OwnerView(ApiView):
    """The ownership of a business."""

    throttle_category = "general"

    @operation(
        name="handBusinessOver",
        summary="Hand a business over",
        description="Makes another member the owner; the caller stays as manager.",
        tag="team",
        body=OwnerInput,
        answers={200: Output(MemberBody)},
        can_conflict=True,
    )
    def post(self, request: Request, business: str) -> Response:
        """Make the member owner."""
        found = _business(request, business, "change", Membership)
        to = member_of(found, read(OwnerInput, request.data)["member"])
        actions.hand_over(business=found, owner=_person(request), to=to.user)
        return Response(member_body(member_of(found, to.user.public_id)))


class InvitationsView(ApiView):
    """Invitations of a business."""

    throttle_category = "general"

    @operation(
        name="listInvitations",
        summary="List invitations",
        tag="team",
        query=PageQuery,
        answers={200: page_of(InvitationBody)},
    )
    def get(self, request: Request, business: str) -> Response:
        """Return a page of invitations, the newest first, ended ones too."""
        found = _business(request, business, "view", Invitation)
        query = read(PageQuery, request.query_params)
        page = paginate(
            Invitation.objects.filter(business=found),
            order=("-id",),
            scope=f"invitations:{found.pk}",
            cursor=query["cursor"],
            limit=query["limit"],
        )
        return Response(page_body([invitation_body(row) for row in page.rows], page.next_cursor))

    @operation(
        name="invite",
        summary="Invite by email",
        description="An open invitation of the address gets the new role and goes out anew.",
        tag="team",
        body=InviteInput,
        answers={201: Output(InvitationBody)},
        can_conflict=True,
    )
    def post(self, request: Request, business: str) -> Response:
        """Send an invitation."""
        found = _business(request, business, "change", Invitation)
        data = read(InviteInput, request.data)
        invitation = actions.invite(
            business=found, email=data["email"], role=Role(data["role"]), inviter=_person(request)
        )
        return Response(invitation_body(invitation), status=201)


class InvitationView(ApiView):
    """One invitation."""

    throttle_category = "general"

    @operation(
        name="cancelInvitation",
        summary="Withdraw an invitation",
        tag="team",
        answers={200: Output(InvitationBody)},
        can_conflict=True,
    )
    def delete(self, request: Request, invitation: str) -> Response:
        """End the invitation; its link works no more."""
        found = _invitation(request, invitation)
        by = _person(request)
        return Response(invitation_body(actions.cancel(invitation_id=found.public_id, by=by)))


class InvitationResendView(ApiView):
    """Sending an invitation again."""

    throttle_category = "general"

    @operation(
        name="resendInvitation",
        summary="Send an invitation again",
        tag="team",
        answers={200: Output(InvitationBody)},
        can_conflict=True,
    )
    def post(self, request: Request, invitation: str) -> Response:
        """Send a new link, good for a new week; the old one works no more."""
        found = _invitation(request, invitation)
        sent = actions.resend(invitation_id=found.public_id, inviter=_person(request))
        return Response(invitation_body(sent))


class AcceptView(ApiView):
    """Taking an invitation up."""

    throttle_category = "general"

    @operation(
        name="acceptInvitation",
        summary="Take an invitation up",
        tag="team",
        body=AcceptInput,
        answers={200: Output(MemberBody)},
        can_conflict=True,
    )
    def post(self, request: Request) -> Response:
        """Join the team as the account whose proven address was invited."""
        token = read(AcceptInput, request.data)["token"]
        place = actions.accept(token=token, user=_person(request))
        return Response(member_body(place))


def _invitation(request: Request, invitation_id: str) -> Invitation:
    found = find_invitation(invitation_id)
    if found is None:
        raise NotFound
    policy.require(_person(request), "change", found)
    return found


_BUSINESS = "businesses/<ref:business>"
urlpatterns = [
    path(f"{_BUSINESS}/members", MembersView.as_view(), name="api_members"),
    path(f"{_BUSINESS}/members/<id:member>", MemberView.as_view(), name="api_member"),
    path(f"{_BUSINESS}/owner", OwnerView.as_view(), name="api_owner"),
    path(f"{_BUSINESS}/invitations", InvitationsView.as_view(), name="api_invitations"),
    path("invitations/accept", AcceptView.as_view(), name="api_invitation_accept"),
    path("invitations/<id:invitation>", InvitationView.as_view(), name="api_invitation"),
    path(
        "invitations/<id:invitation>/resend",
        InvitationResendView.as_view(),
        name="api_invitation_resend",
    ),
]
