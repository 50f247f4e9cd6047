"""The customer of a business, with or without an account."""

from typing import Any

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models.business import Business
from accounts.models.user import User
from common.ids import PublicIdField
from common.text import fold


class Contact(models.Model):
    """A customer as one business knows them; bookings, leads and invoices point here."""

    personal_fields = ("name", "email", "phone", "timezone")

    public_id = PublicIdField(prefix="ctc")
    business = models.ForeignKey(Business, models.PROTECT, related_name="contacts")
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="contacts")
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("email"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    locale = models.CharField(_("language"), max_length=12, default="en")
    timezone = models.CharField(_("time zone"), max_length=64, blank=True)
    search_text = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One contact per business and address."""

        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(
                "business",
                Lower("email"),
                name="contact_email_unique",
                condition=~models.Q(email=""),
            ),
            models.UniqueConstraint(
                fields=["business", "user"],
                name="contact_user_unique",
                condition=models.Q(user__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the search text in step."""
        self.search_text = fold(self.name, self.email, self.phone)
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "search_text"}
        super().save(*args, **kwargs)
