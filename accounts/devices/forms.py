"""Signing in on the page: for a week, or longer on one's own device."""

from typing import Any

from allauth.account.forms import LoginForm
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """allauth's form; a session lasts settings.SESSION_COOKIE_AGE seconds unless asked for longer.

    By itself allauth ends a session that is not to be remembered with the browser.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what the tick means."""
        super().__init__(*args, **kwargs)
        if "remember" in self.fields:
            self.fields["remember"].label = _("Stay signed in for 30 days on this device")

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Sign in and set the session's life, also while the second factor is still asked for."""
        response: HttpResponse = super().login(request, redirect_url)
        if not self.cleaned_data.get("remember"):
            request.session.set_expiry(settings.SESSION_COOKIE_AGE)
        return response
