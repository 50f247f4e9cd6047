"""The sandbox's hosted page, which stands for a provider's own site."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common.errors import NotFound
from common.money import Money
from common.views import not_found
from payments.gateways.sandbox import provider
from payments.models import SandboxCharge

CHOICES = (
    ("approve", _("Approve"), _("The money arrives and the notice is sent at once.")),
    ("decline", _("Decline"), _("The bank says no and the notice is sent at once.")),
    (
        "never",
        _("Approve, never answer"),
        _("The money arrives but no notice is sent; asking the gateway finds it."),
    ),
    ("twice", _("Approve, answer twice"), _("The same notice is sent two times.")),
    (
        "late",
        _("Approve, answer late"),
        _("The money arrives only after the time to pay is over."),
    ),
)


@never_cache
@require_http_methods(["GET", "POST"])
def sandbox_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show the hosted page; on POST take the choice and send the customer back."""
    charge = SandboxCharge.objects.filter(token=token).first()
    if charge is None:
        return not_found(request, NotFound())
    choice = request.POST.get("choice", "")
    if request.method == "POST" and choice in provider.ANSWERS:
        charge = provider.answer(token=token, choice=choice)
        if charge.return_url:
            return HttpResponseRedirect(charge.return_url)
    is_open = charge.status == "open" and not charge.answer
    return render(
        request,
        "payments/sandbox.html",
        {
            "charge": charge,
            "amount": Money(charge.amount_minor, charge.currency),
            "choices": CHOICES,
            "is_open": is_open,
        },
    )
