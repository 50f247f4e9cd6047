"""Who works here: members and their roles, invitations, leaving, handing over."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Business, Invitation, Membership, Role, User
from accounts.policy import can, can_in, require
from accounts.team import actions
from accounts.team.forms import InviteForm, RoleForm
from accounts.team.queries import find_invitation, member_of, members_of, open_invitations
from bookings.views.manage.access import desk_context, managed_business
from common.errors import DomainError, NotFound
from common.pages import page


@require_safe
@never_cache
@page
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """List members and open invitations."""
    business, person = managed_business(request, slug, model=Membership)
    return _page(request, business, person, InviteForm(), status=200)


def _page(
    request: HttpRequest, business: Business, person: User, form: BaseForm, *, status: int
) -> HttpResponse:
    now = timezone.now()
    is_owner = can_in(person, "change", Membership, business)
    members = members_of(business)
    may_see = can_in(person, "view", Invitation, business)
    context: dict[str, Any] = {
        **desk_context(request, business, "manage_team"),
        "members": [
            {
                "place": place,
                "is_self": place.user_id == person.pk,
                "form": RoleForm(
                    initial={"role": place.role}, auto_id=f"id_{place.user.public_id}_%s"
                ),
            }
            for place in members
        ],
        "invitations": [
            {"item": item, "is_expired": item.status_at(now) is Invitation.Status.EXPIRED}
            for item in (open_invitations(business) if may_see else [])
        ],
        "form": form,
        "is_owner": is_owner,
        "is_member": any(place.user_id == person.pk for place in members),
    }
    return render(request, "bookings/manage/team.html", context, status=status)


@require_POST
@page
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Invite somebody by email."""
    business, person = managed_business(request, slug, verb="change", model=Membership)
    form = InviteForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            actions.invite(
                business=business, email=data["email"], role=Role(data["role"]), inviter=person
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(
                request, _("The invitation is on its way to %(email)s.") % {"email": data["email"]}
            )
            return redirect("manage_team", slug)
    return _page(request, business, person, form, status=400)


@require_POST
@page
def resend(request: HttpRequest, slug: str, invitation_id: str) -> HttpResponse:
    """Send an invitation again, with a new link."""
    business, person = managed_business(request, slug, verb="change", model=Membership)
    invitation = _own_invitation(business, person, invitation_id)
    return _done(
        request,
        slug,
        lambda: actions.resend(invitation_id=invitation.public_id, inviter=person),
        _("Sent again. The link before it no longer works."),
    )


@require_POST
@page
def cancel(request: HttpRequest, slug: str, invitation_id: str) -> HttpResponse:
    """Withdraw an invitation."""
    business, person = managed_business(request, slug, verb="change", model=Membership)
    invitation = _own_invitation(business, person, invitation_id)
    return _done(
        request,
        slug,
        lambda: actions.cancel(invitation_id=invitation.public_id, by=person),
        _("The invitation is withdrawn."),
    )


@require_POST
@page
def change_role(request: HttpRequest, slug: str, user_id: str) -> HttpResponse:
    """Give a member another role."""
    business, person = managed_business(request, slug, verb="change", model=Membership)
    place = member_of(business, user_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the roles."))
        return redirect("manage_team", slug)
    role = Role(form.cleaned_data["role"])
    return _done(
        request,
        slug,
        lambda: actions.change_role(business=business, user=place.user, role=role, by=person),
        _("%(who)s is now %(role)s.") % {"who": place.user, "role": role.label},
    )


@require_POST
@page
def remove(request: HttpRequest, slug: str, user_id: str) -> HttpResponse:
    """End a member's access at once."""
    business, person = managed_business(request, slug, verb="change", model=Membership)
    place = member_of(business, user_id)
    return _done(
        request,
        slug,
        lambda: actions.remove(
            business=business,
            user=place.user,
            by=person,
            reason=request.POST.get("reason", "")[:200],
        ),
        _("%(who)s is no longer a member.") % {"who": place.user},
    )


@require_POST
@page
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Give up one's own place."""
    business, person = managed_business(request, slug, model=Membership)
    place = member_of(business, person.public_id)
    require(person, "leave", place)
    try:
        actions.remove(business=business, user=person, by=person, reason="left")
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("manage_team", slug)
    messages.success(request, _("You left %(business)s.") % {"business": business.name})
    return redirect("account_home")


@require_POST
@page
def hand_over(request: HttpRequest, slug: str, user_id: str) -> HttpResponse:
    """Make somebody else the owner; one stays as manager."""
    business, person = managed_business(request, slug, verb="change", model=Membership)
    place = member_of(business, user_id)
    return _done(
        request,
        slug,
        lambda: actions.hand_over(business=business, owner=person, to=place.user),
        _("%(who)s is the owner now. You are manager.") % {"who": place.user},
    )


def _own_invitation(business: Business, person: User, invitation_id: str) -> Invitation:
    found = find_invitation(invitation_id)
    if found is None or (found.business_id != business.pk and can(person, "change", found)):
        raise NotFound
    require(person, "change", found)
    return found


def _done(request: HttpRequest, slug: str, act: Callable[[], object], said: str) -> HttpResponse:
    try:
        act()
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, said)
    return redirect("manage_team", slug)
