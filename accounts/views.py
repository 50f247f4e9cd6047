"""Pages about oneself. Bookings and payments have theirs further up."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.forms import ProfileForm
from accounts.models import User


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """Show and change name, ways to reach, language and zone; links to sign-in and security."""
    assert isinstance(request.user, User)  # login_required lets nobody else in  # noqa: S101
    # The form writes on its instance: a copy keeps a refused name out of the page's header.
    user = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        actions.update_profile(user_id=user.pk, actor=user.public_id, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("account_settings")
    return render(request, "accounts/settings.html", {"form": form, "nav": "account"})
