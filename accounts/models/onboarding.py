"""How far a new account and a new business have come in being set up."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.business import Business
from accounts.models.user import User


class Registration(models.Model):
    """An account whose first address was proven; accounts made by operators have none."""

    user = models.OneToOneField(User, models.CASCADE, related_name="registration")
    registered_at = models.DateTimeField(auto_now_add=True)
    profile_done_at = models.DateTimeField(_("profile set up"), null=True, blank=True)

    class Meta:
        """Named for the admin."""

        verbose_name = _("registration")
        verbose_name_plural = _("registrations")

    def __str__(self) -> str:
        """Show whose it is."""
        return str(self.user)


class BusinessSetup(models.Model):
    """A business in the set-up wizard: the steps that were saved, and when its page was opened."""

    business = models.OneToOneField(Business, models.CASCADE, related_name="setup")
    done_steps = models.JSONField(default=list, blank=True)
    begun_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Named for the admin."""

        verbose_name = _("business set-up")
        verbose_name_plural = _("business set-ups")

    def __str__(self) -> str:
        """Show whose it is."""
        return str(self.business)
