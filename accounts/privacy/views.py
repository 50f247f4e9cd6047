"""The page about one's own data: fetch it, or have it erased."""

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import PersonalExport, User
from accounts.privacy import actions, exporting
from common.errors import DomainError, NotFound
from events.models import Work


class EraseForm(forms.Form):
    """The one thing that must be meant."""

    is_sure = forms.BooleanField(
        label=gettext_lazy("Erase my account and my data. I know that this cannot be undone.")
    )


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required lets nobody else in  # noqa: S101
    return request.user


@require_safe
@never_cache
@login_required
def data_page(request: HttpRequest) -> HttpResponse:
    """Show what is kept, the archive asked for, and how to be erased."""
    export = (
        PersonalExport.objects.filter(user=_user(request))
        .exclude(expires_at__lte=timezone.now())
        .defer("body")
        .order_by("-pk")
        .first()
    )
    context = {
        "nav": "account",
        "export": export,
        "is_failed": export is not None and export.state == Work.State.DEAD,
        "download": exporting.download_url(export) if export and export.ready_at else "",
    }
    return render(request, "accounts/data.html", context)


@require_POST
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
def request_export(request: HttpRequest) -> HttpResponse:
    """Ask for the archive; needs a recent sign-in."""
    actions.request_export(user=_user(request))
    messages.success(request, _("We are putting your data together and mail you a link."))
    return redirect("account_data")


@require_safe
@never_cache
@login_required
def export_file(request: HttpRequest, token: str) -> HttpResponse:
    """Hand out the archive as an attachment."""
    try:
        body = exporting.open_download(token=token, user=_user(request))
    except NotFound:
        raise Http404 from None
    day = timezone.now().date().isoformat()
    return HttpResponse(
        body,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="my-data-{day}.zip"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
def erase(request: HttpRequest) -> HttpResponse:
    """Say what erasing means, ask once more, and do it; needs a recent sign-in."""
    user = _user(request)
    form = EraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.erase_user(user_id=user.pk, actor=user.public_id)
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            logout(request)
            messages.success(request, _("Your account and your data are erased."))
            return redirect("home")
    status = 400 if request.method == "POST" else 200
    return render(request, "accounts/erase.html", {"form": form, "nav": "account"}, status=status)
