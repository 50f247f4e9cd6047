"""Businesses and their members in the admin."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget

from accounts import actions
from accounts.console import (
    Button,
    Call,
    Headline,
    ScopedFilter,
    ScopedInline,
    ScopedModelAdmin,
    badge,
    facts,
    person,
    zoned,
)
from accounts.forms import timezone_choices
from accounts.models import Business, Membership, Role, User


class MembershipInline(ScopedInline):
    """Who belongs to the business."""

    model = Membership
    fields = readonly_fields = ("user", "role", "created_at")
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """Read the people with their places."""
        rows: QuerySet[Membership] = super().get_queryset(request)
        return rows.select_related("user", "business")


@admin.register(Business)
class BusinessAdmin(ScopedModelAdmin):
    """Businesses: their profile is changed here, members on their own page."""

    change_verb = "change"
    fields = (
        "name",
        "tagline",
        "description",
        "email",
        "phone",
        "address",
        "website",
        "accent",
        "logo",
        "timezone",
        "locale",
        "is_active",
        "requires_second_factor",
    )
    list_display = ("name", "slug", "timezone", "currency", "state", "created")
    list_filter = ("is_active", "currency")
    search_words = ("name", "slug")
    search_exact = ("public_id", "email")
    ordering = ("name",)
    inlines = (MembershipInline,)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer zones and languages to choose from."""
        choices = {"timezone": timezone_choices, "locale": lambda: settings.LANGUAGES}
        if db_field.name in choices:
            return forms.ChoiceField(
                label=capfirst(str(db_field.verbose_name)),
                choices=choices[db_field.name],
                widget=UnfoldAdminSelectWidget(),
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description=gettext_lazy("state"), ordering="is_active")
    def state(self, obj: Business) -> str:
        """Show whether customers can reach it."""
        return badge(_("open"), "success") if obj.is_active else badge(_("closed"))

    @display(description=gettext_lazy("since"), ordering="created_at")
    def created(self, obj: Business) -> str:
        """Show when it was set up."""
        return zoned(obj.created_at, obj.timezone)

    def headline(self, obj: Business) -> Headline:
        """Show name, state and place."""
        return Headline(
            obj.name,
            _("open") if obj.is_active else _("closed"),
            "success" if obj.is_active else "",
            obj.tagline,
            facts(
                (_("Address of the page"), f"/{obj.slug}"),
                (_("Currency"), obj.currency),
                (_("Time zone"), obj.timezone),
            ),
        )

    def store(self, request: HttpRequest, obj: Business, form: Any, *, is_new: bool) -> None:
        """Change the profile by the action every door uses, which also writes the audit entry."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        actions.update_business(business_id=obj.pk, actor=person(request).public_id, **changes)

    def save_model(self, request: HttpRequest, obj: Business, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Leave the audit entry to the action."""
        self.store(request, obj, form, is_new=not change)


class RoleForm(forms.ModelForm[Membership]):
    """Only the role of a member changes."""

    def clean_role(self) -> str:
        """Keep at least one owner."""
        role = str(self.cleaned_data["role"])
        owners = Membership.objects.filter(business=self.instance.business_id, role=Role.OWNER)
        if role != Role.OWNER and list(owners.values_list("pk", flat=True)) == [self.instance.pk]:
            raise ValidationError(_("A business keeps at least one owner."))
        return role


class MembershipForm(forms.ModelForm[Membership]):
    """A member is named by the address they sign in with."""

    email = forms.EmailField(label=gettext_lazy("Email"), widget=UnfoldAdminEmailInputWidget)

    class Meta:
        """The business and what the person may do in it."""

        model = Membership
        fields = ("business", "role")

    def clean_email(self) -> str:
        """Find the account; it must exist, since a role is a door."""
        email = str(self.cleaned_data["email"])
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise ValidationError(_("Nobody has an account with this address."))
        self.instance.user = user
        return email

    def clean(self) -> dict[str, Any]:
        """Refuse who is a member already: a role is changed on the member's own page."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "email" in data and "business" in data:
            known = Membership.objects.filter(business=data["business"], user=self.instance.user)
            if known.exists():
                self.add_error("email", _("They are a member already. Change their role instead."))
        return data


def _remove_member(item: Membership, call: Call) -> str:
    actions.remove_member(membership_id=item.pk, actor=call.actor, reason=call.reason)
    return _("%(who)s is no longer a member.") % {"who": item.user}


@admin.register(Membership)
class MembershipAdmin(ScopedModelAdmin):
    """Who may do what in which business."""

    add_verb = "change"
    change_verb = "change"
    list_display = ("user", "business", "role_badge", "may_open_admin")
    list_filter = (("business", ScopedFilter), "role")
    list_select_related = ("user", "business")
    search_people = ("user__search_text",)
    search_exact = ("user__public_id",)
    buttons = (
        Button(
            "remove",
            gettext_lazy("Remove from the business"),
            "change",
            _remove_member,
            effect=gettext_lazy("The person loses every access to this business at once."),
            asks_reason=True,
            tone="danger",
            in_bulk=False,
            audits_itself=True,
        ),
    )

    def get_form(
        self, request: HttpRequest, obj: Membership | None = None, **kwargs: Any
    ) -> type[forms.ModelForm[Membership]]:
        """Ask for the address only while the member is new."""
        kwargs["form"] = MembershipForm if obj is None else RoleForm
        return super().get_form(request, obj, **kwargs)  # type: ignore[no-any-return]  # unfold ships no types

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        """Name the person by address first, by link afterwards."""
        return ("business", "email", "role") if obj is None else ("user", "business", "role")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Membership | None = None
    ) -> tuple[str, ...]:
        """Only the role of a member changes."""
        return () if obj is None else ("user", "business")

    def headline(self, obj: Membership) -> Headline:
        """Show who, what, where."""
        return Headline(obj.user, obj.get_role_display(), "info", obj.business.name)

    def subjects(self, obj: Membership) -> tuple[str, ...]:
        """Show the person's history."""
        return (obj.user.public_id,)

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Give the role by the action, which writes the audit entry."""
        if not self.may(request, "change", obj) and not person(request).is_superuser:
            raise ValidationError(_("You may not do this."))
        saved = actions.add_member(
            business=obj.business,
            user=obj.user,
            role=Role(obj.role),
            actor=person(request).public_id,
        )
        obj.pk = saved.pk

    @display(description=gettext_lazy("role"), ordering="role")
    def role_badge(self, obj: Membership) -> str:
        """Show the role."""
        return badge(obj.get_role_display(), "info")

    @display(description=gettext_lazy("admin"), boolean=True)
    def may_open_admin(self, obj: Membership) -> bool:
        """Show whether the account may open the admin."""
        return obj.user.is_staff
