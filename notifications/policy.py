"""Who may see what was sent and where a business is told."""

from accounts.models import Role
from accounts.policy import MANAGERS, Rule, register
from notifications.models import BusinessChannel, FeedItem, Notification


def register_own() -> None:
    """Register the rules of this app's models."""
    register(
        Rule(
            Notification,
            roles={
                "view": MANAGERS | {Role.SUPPORT, Role.AUDITOR},
                "replay": MANAGERS | {Role.SUPPORT},
            },
        ),
        Rule(BusinessChannel, roles={"view": MANAGERS, "change": MANAGERS}),
        Rule(FeedItem, roles={}, customer="user", customer_verbs=frozenset({"view", "change"})),
    )
