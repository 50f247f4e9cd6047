"""The admin site: theme, second factor, its own browser rules."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import admin, auth, messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from unfold.sites import UnfoldAdminSite

from accounts import queries
from accounts.console import person

# The theme evaluates expressions in attributes and writes its colours into the page, so script and
# style rules are wider here than anywhere else. Nothing of a customer's is rendered unescaped.
ADMIN_POLICY: Final = {
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "frame-src": ["'none'"],
}


class FrontdeskAdminSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold ships no types
    """Unfold's site, open only to staff whose session has passed the second factor.

    The theme's own app configuration would replace this site silently; `BasicAppConfig` does not.
    """

    site_title = "Frontdesk"
    site_header = "Frontdesk"
    index_title = "Frontdesk"
    index_template = "operations/home.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Ask for an active staff account and a verified second factor."""
        user = request.user
        is_verified = getattr(user, "is_verified", None)
        return bool(super().has_permission(request) and is_verified and is_verified())

    def admin_view(
        self,
        view: Callable[..., HttpResponse],
        cacheable: bool = False,  # noqa: FBT001, FBT002  Django's signature
    ) -> Callable[..., HttpResponse]:
        """Give pages of the admin, and no others, the wider browser rules."""
        guarded: Callable[..., HttpResponse] = super().admin_view(view, cacheable)
        return csp_replace(ADMIN_POLICY)(guarded)  # type: ignore[return-value]  # the decorator's types are wider

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send people to the site's sign-in, or to the step their session still lacks."""
        home = reverse("admin:index", current_app=self.name)
        wanted = request.GET.get("next", home)
        if not url_has_allowed_host_and_scheme(
            wanted, {request.get_host()}, require_https=request.is_secure()
        ):
            wanted = home
        user = request.user
        if self.has_permission(request):
            return redirect(wanted)
        if not user.is_authenticated:
            return _with_next("account_login", wanted)
        if not (user.is_active and user.is_staff):
            raise PermissionDenied
        if queries.has_second_factor(user.pk):
            return _with_next("mfa_reauthenticate", wanted)
        messages.info(
            request, _("The admin asks for a second factor. Set one up, then open it again.")
        )
        return _with_next("mfa_activate_totp", wanted)

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """End the session; anything but a POST goes to the site's page that asks first."""
        if request.method != "POST":
            return redirect("account_logout")
        auth.logout(request)
        return redirect(settings.ACCOUNT_LOGOUT_REDIRECT_URL)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Change the password where the site does, under the same rules."""
        return redirect("account_change_password")

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what needs a person today, and the key figures."""
        from operations import home

        response: HttpResponse = super().index(
            request, {**home.context(person(request), now=timezone.now()), **(extra_context or {})}
        )
        return response


def require_in_use() -> None:
    """Raise ImproperlyConfigured when another site took the place of ours, such as the theme's own.

    That one asks for a password only, so the program refuses to start.
    """
    if not isinstance(admin.site, FrontdeskAdminSite):
        raise ImproperlyConfigured(
            "the admin site in use does not ask for a second factor;"
            " list unfold.apps.BasicAppConfig instead of unfold"
        )


def _with_next(name: str, wanted: str) -> HttpResponse:
    return redirect(f"{reverse(name)}?{urlencode({'next': wanted})}")
