"""Staff of the platform: a role in every business at once."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.business import Role
from accounts.models.user import User


class PlatformMember(models.Model):
    """A person of the operator's who works for all businesses.

    Counts only while the account may open the admin. What the group may do is what the role of
    its name may do in a business.
    """

    class Group(models.TextChoices):
        """None of them changes a team, a profile or an offer."""

        SUPPORT = "support", _("platform support")
        FINANCE = "finance", _("platform finance")
        AUDITOR = "auditor", _("platform auditor")

    user = models.OneToOneField(User, models.CASCADE, related_name="platform_member")
    group = models.CharField(_("group"), max_length=20, choices=Group)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One group a person."""

        verbose_name = _("platform staff")
        verbose_name_plural = _("platform staff")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(group__in=["support", "finance", "auditor"]),
                name="platform_group_known",
            )
        ]

    def __str__(self) -> str:
        """Show person and group."""
        return f"{self.user} ({self.get_group_display()})"


GROUP_ROLES: Final = {
    PlatformMember.Group.SUPPORT: Role.SUPPORT,
    PlatformMember.Group.FINANCE: Role.FINANCE,
    PlatformMember.Group.AUDITOR: Role.AUDITOR,
}
