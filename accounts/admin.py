"""People and businesses in the admin."""

from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget

from accounts import actions, otp
from accounts.console import (
    Button,
    Call,
    Headline,
    ScopedFilter,
    ScopedInline,
    ScopedModelAdmin,
    badge,
    facts,
    link_to,
    person,
    zoned,
)
from accounts.forms import timezone_choices
from accounts.models import Business, Contact, Membership, Role, Staff, User


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
                (_("Id"), obj.public_id),
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
                (_("Id"), obj.public_id),
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


def _set_active(is_active: bool) -> Any:  # noqa: FBT001  made only below
    def run(item: User, call: Call) -> None:
        actions.set_user_active(
            user_id=item.pk, is_active=is_active, actor=call.actor, reason=call.reason
        )

    return run


def _set_admin(is_staff: bool) -> Any:  # noqa: FBT001  made only below
    def run(item: User, call: Call) -> None:
        actions.set_admin_access(
            user_id=item.pk, is_staff=is_staff, actor=call.actor, reason=call.reason
        )

    return run


def _remove_factors(item: User, call: Call) -> None:
    otp.remove_second_factors(user=item, actor=call.actor, reason=call.reason)


@admin.register(User)
class UserAdmin(ScopedModelAdmin):
    """Accounts; for superusers only. Access changes by buttons that ask why."""

    list_display = ("email", "full_name", "access", "second_factor", "state", "last_seen")
    list_filter = ("is_active", "is_staff", "is_superuser")
    fields = readonly_fields = (
        "email",
        "full_name",
        "phone",
        "locale",
        "timezone",
        "is_active",
        "is_staff",
        "is_superuser",
        "last_login",
        "date_joined",
        "public_id",
    )
    search_people = ("search_text",)
    search_exact = ("public_id",)
    ordering = ("-id",)
    buttons: ClassVar[tuple[Button, ...]] = (
        Button(
            "lock",
            gettext_lazy("Lock account"),
            "change",
            _set_active(is_active=False),
            effect=gettext_lazy("The person is signed out everywhere and cannot sign in."),
            is_offered=lambda user: user.is_active,
            asks_reason=True,
            tone="danger",
            audits_itself=True,
        ),
        Button(
            "unlock",
            gettext_lazy("Unlock account"),
            "change",
            _set_active(is_active=True),
            is_offered=lambda user: not user.is_active,
            asks_reason=True,
            audits_itself=True,
        ),
        Button(
            "allow-admin",
            gettext_lazy("Allow the admin"),
            "change",
            _set_admin(is_staff=True),
            effect=gettext_lazy("The person may open the admin, with a second factor."),
            is_offered=lambda user: not user.is_staff,
            asks_reason=True,
            in_bulk=False,
            audits_itself=True,
        ),
        Button(
            "refuse-admin",
            gettext_lazy("Withdraw the admin"),
            "change",
            _set_admin(is_staff=False),
            is_offered=lambda user: user.is_staff,
            asks_reason=True,
            tone="danger",
            audits_itself=True,
        ),
        Button(
            "remove-factors",
            gettext_lazy("Remove second factor"),
            "change",
            _remove_factors,
            effect=gettext_lazy("For somebody who lost theirs: they set up a new one."),
            is_offered=lambda user: Authenticator.objects.filter(user=user).exists(),
            asks_reason=True,
            tone="danger",
            in_bulk=False,
            audits_itself=True,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Read whether each account has a second factor with the row."""
        rows: QuerySet[User] = super().get_queryset(request)
        factors = Authenticator.objects.filter(user=OuterRef("pk"))
        return rows.annotate(has_factor=Exists(factors))

    @display(description=gettext_lazy("access"))
    def access(self, obj: User) -> str:
        """Show what the account may open."""
        if obj.is_superuser:
            return badge(_("superuser"), "danger")
        return badge(_("staff"), "info") if obj.is_staff else badge(_("customer"))

    @display(description=gettext_lazy("second factor"), boolean=True)
    def second_factor(self, obj: User) -> bool:
        """Show whether the account has one."""
        return bool(getattr(obj, "has_factor", False))

    @display(description=gettext_lazy("state"), ordering="is_active")
    def state(self, obj: User) -> str:
        """Show whether it can sign in."""
        return badge(_("active"), "success") if obj.is_active else badge(_("locked"), "danger")

    @display(description=gettext_lazy("last sign-in"), ordering="last_login")
    def last_seen(self, obj: User) -> str:
        """Show when it last signed in."""
        return zoned(obj.last_login, obj.timezone or "UTC")

    def headline(self, obj: User) -> Headline:
        """Show who it is and where they belong."""
        places = [
            f"{place.business.name} ({place.get_role_display()})"
            for place in obj.memberships.select_related("business")
        ]
        return Headline(
            obj.full_name or obj.email,
            _("active") if obj.is_active else _("locked"),
            "success" if obj.is_active else "danger",
            obj.email,
            facts(
                (_("Works for"), ", ".join(places)),
                (_("Last sign-in"), zoned(obj.last_login, obj.timezone or "UTC")),
                (_("Profile"), link_to(Staff.objects.filter(user=obj).first())),
                (_("Id"), obj.public_id),
            ),
        )
