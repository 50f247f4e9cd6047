"""Who may see and do what with the objects of this app."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.api_keys import scopes
from accounts.models import Role
from accounts.policy import ALL, DESK, MANAGERS, Rule, register
from bookings.models import (
    BlockedPeriod,
    Booking,
    Calendar,
    ConversationMessage,
    DateOverride,
    Service,
    Session,
    Task,
    TaskTemplate,
    Tier,
    WeeklyRule,
)

_PEOPLE = ALL - {Role.DEVELOPER}
_WORKERS = DESK | {Role.SUPPORT}
CUSTOMER_VERBS = frozenset({"view", "cancel", "reschedule", "pay", "message"})


def register_own() -> None:
    """Register the rules; the customer's verbs are also the signed link's."""
    scopes.add("bookings:read", _("Read bookings and who comes"))
    scopes.add("bookings:write", _("Make, move and cancel bookings"))
    register(
        Rule(
            Service,
            roles={"view": ALL, "change": MANAGERS},
            public=lambda: Q(is_active=True, business__is_active=True),
            key_scopes={"view": "catalogue:read"},
        ),
        Rule(
            Tier,
            business="service__business",
            roles={"view": ALL, "change": MANAGERS},
            public=lambda: Q(
                is_active=True, service__is_active=True, service__business__is_active=True
            ),
            key_scopes={"view": "catalogue:read"},
        ),
        Rule(
            Calendar,
            roles={"view": ALL, "change": MANAGERS},
            public=lambda: Q(is_active=True, business__is_active=True),
        ),
        Rule(
            Booking,
            roles={
                "view": _PEOPLE,
                "create": DESK,
                "confirm": DESK,
                "cancel": DESK,
                "reschedule": DESK,
                "complete": DESK,
                "change": DESK,
                "pay": DESK,
                "message": _WORKERS,
            },
            customer="contact__user",
            guest="public_id",
            customer_verbs=CUSTOMER_VERBS,
            key_scopes={
                "view": "bookings:read",
                **dict.fromkeys(("create", "cancel", "reschedule"), "bookings:write"),
                "pay": "payments:write",
            },
        ),
        *(
            Rule(model, roles={"view": ALL, "change": MANAGERS})
            for model in (WeeklyRule, DateOverride, BlockedPeriod)
        ),
        Rule(TaskTemplate, business="service__business", roles={"view": ALL, "change": MANAGERS}),
        Rule(
            ConversationMessage,
            business="booking__business",
            roles={"view": _PEOPLE},
            customer="booking__contact__user",
            guest="booking__public_id",
        ),
        Rule(Session, business="calendar__business", roles={"view": _PEOPLE}),
        Rule(Task, roles={"view": _PEOPLE, "change": _WORKERS, "assign": DESK}),
    )
