"""Customers and staff profiles in the admin."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.console import (
    Button,
    Call,
    Headline,
    ScopedFilter,
    ScopedModelAdmin,
    badge,
    facts,
    zoned,
)
from accounts.models import Contact, Staff
from accounts.privacy import actions as privacy
from accounts.privacy.holders import ERASED


def _erase(item: Contact, call: Call) -> str:
    privacy.erase_contact(contact_id=item.pk, actor=call.actor, reason=call.reason)
    return _("The customer is erased.")


@admin.register(Contact)
class ContactAdmin(ScopedModelAdmin):
    """Customers, as their business knows them."""

    add_verb = "change"
    change_verb = "change"
    fields = ("business", "name", "email", "phone", "locale", "timezone")
    list_display = ("name", "email", "phone", "business", "account", "since")
    list_filter = (("business", ScopedFilter), "locale")
    list_select_related = ("business", "user")
    search_people = ("search_text",)
    search_exact = ("public_id",)
    ordering = ("-id",)
    buttons = (
        Button(
            "erase",
            gettext_lazy("Erase customer"),
            "erase",
            _erase,
            effect=gettext_lazy(
                "On the customer's own request: name, addresses, messages and notes are gone at "
                "once, upcoming appointments are canceled. This cannot be undone."
            ),
            is_offered=lambda contact: contact.name != ERASED,
            asks_reason=True,
            tone="danger",
            in_bulk=False,
            audits_itself=True,
        ),
    )

    @display(description=gettext_lazy("account"))
    def account(self, obj: Contact) -> str:
        """Show whether the customer signs in."""
        return badge(_("has an account"), "info") if obj.user_id else badge(_("guest"))

    @display(description=gettext_lazy("since"), ordering="id")
    def since(self, obj: Contact) -> str:
        """Show when the customer was first seen."""
        return zoned(obj.created_at, obj.business.timezone)

    def headline(self, obj: Contact) -> Headline:
        """Show who it is and how to reach them."""
        return Headline(
            obj.name,
            _("has an account") if obj.user_id else _("guest"),
            "info" if obj.user_id else "",
            obj.business.name,
            facts(
                (_("Email"), obj.email),
                (_("Phone"), obj.phone),
                (_("Customer since"), zoned(obj.created_at, obj.business.timezone)),
            ),
        )


@admin.register(Staff)
class StaffAdmin(ScopedModelAdmin):
    """Working profiles, the same in every business of a person."""

    add_verb = "change"
    change_verb = "change"
    fields = ("user", "display_name", "title", "bio", "photo")
    autocomplete_fields = ("user",)
    list_display = ("display_name", "title", "user")
    list_select_related = ("user",)
    search_people = ("user__search_text",)
    search_words = ("display_name",)
