"""What every page for people shares: refusals become pages, not envelopes."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from common.errors import Forbidden, NotFound, NotSignedIn

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def leave_to(request: HttpRequest, address: str) -> HttpResponse:
    """Send the browser on after a form, to our own or to a provider's page.

    Browsers hold a redirect after a form to the policy for forms, which names this site only; a
    page that moves on by itself is not bound by it.
    """
    if address.startswith((settings.SITE_URL, "/")):
        return redirect(address)
    return render(request, "leaving.html", {"address": address})


def page(view: View[P]) -> View[P]:
    """Send strangers to sign in, and answer 403 and 404 with their pages.

    A refusal that names the page where something is missing leads there.

    Other refusals are the view's own to show, beside what was asked.
    """

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotSignedIn:
            return redirect_to_login(request.get_full_path())
        except Forbidden as refusal:
            if refusal.leads_to:
                messages.info(request, str(refusal.message))
                return redirect(refusal.leads_to)
            raise PermissionDenied from None
        except NotFound:
            raise Http404 from None

    return answer
