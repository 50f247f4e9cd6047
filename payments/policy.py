"""Who may see and do what with money."""

from django.utils.translation import gettext_lazy as _

from accounts.api_keys import scopes
from accounts.models import Role
from accounts.policy import ALL, MANAGERS, MONEY, OWNERS, Rule, register
from payments.models import GatewayAccount, LedgerEntry, Payment, Refund

_VIEW = ALL - {Role.DEVELOPER}


def register_own() -> None:
    """Register the rules of this app's models."""
    scopes.add("payments:read", _("Read payments and refunds"))
    scopes.add("payments:write", _("Start payments"))
    scopes.add("refunds:write", _("Give money back"))
    register(
        Rule(
            Payment,
            roles={"view": _VIEW, "refund": MONEY, "cancel": MANAGERS, "review": MONEY},
            customer="contact__user",
            guest="payable_id",
            customer_verbs=frozenset({"view", "cancel"}),
            key_scopes={"view": "payments:read", "refund": "refunds:write"},
        ),
        Rule(
            Refund,
            roles={"view": _VIEW},
            business="payment__business",
            customer="payment__contact__user",
            guest="payment__payable_id",
            key_scopes={"view": "payments:read"},
        ),
        Rule(
            LedgerEntry,
            roles={"view": MONEY | {Role.AUDITOR}},
            business="payment__business",
        ),
        Rule(GatewayAccount, roles={"view": OWNERS, "change": OWNERS}),
    )
