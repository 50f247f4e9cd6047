"""Who may see and follow up leads."""

from accounts import policy
from accounts.models import Role
from leads.models import Lead


def register() -> None:
    """Register the rules of this app's models."""
    policy.register(
        policy.Rule(
            Lead,
            roles={
                "view": policy.DESK | {Role.SUPPORT, Role.AUDITOR},
                "follow_up": policy.DESK,
                "assign": policy.MANAGERS | {Role.FRONT_DESK},
            },
        )
    )
