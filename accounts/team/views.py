"""The page an invitation's link opens."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Invitation, Membership, User
from accounts.team import actions, joining
from accounts.team.queries import invitation_of
from common.errors import DomainError, NotSignedIn
from common.pages import page


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def invitation_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show who invites to what; join, sign up for it, or say why it cannot be joined."""
    invitation = invitation_of(token)
    user = request.user if isinstance(request.user, User) else None
    if user is not None and _has_joined(invitation, user):
        return redirect("manage_home")
    status = invitation.status_at(timezone.now())
    if status is not Invitation.Status.OPEN:
        context = {"invitation": invitation, "status": status.value}
        return render(request, "accounts/invitation_ended.html", context, status=410)
    if request.method == "POST":
        return _answer(request, invitation, token, user)
    here = urlencode({"next": request.path})
    context = {
        "invitation": invitation,
        "is_theirs": user is not None and actions.has_proven(user, invitation.email),
        "sign_in": f"{reverse('account_login')}?{here}",
    }
    return render(request, "accounts/invitation.html", context)


def _answer(
    request: HttpRequest, invitation: Invitation, token: str, user: User | None
) -> HttpResponse:
    if user is None:
        if request.POST.get("do") != "sign_up":
            raise NotSignedIn
        joining.begin(request, invitation=invitation, token=token)
        return redirect(f"{reverse('account_signup')}?{urlencode({'next': request.path})}")
    try:
        member = actions.accept(token=token, user=user)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("invitation", token)
    messages.success(
        request, _("You are in the team of %(business)s.") % {"business": member.business.name}
    )
    return redirect("manage_home")


def _has_joined(invitation: Invitation, user: User) -> bool:
    is_theirs = invitation.accepted_by_id == user.pk
    rows = Membership.objects.filter(business=invitation.business_id, user=user)
    return is_theirs and rows.exists()
