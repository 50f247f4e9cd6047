"""Accounts in the admin, for superusers."""

from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts import actions, otp
from accounts.console import (
    Button,
    Call,
    Headline,
    ScopedModelAdmin,
    badge,
    facts,
    link_to,
    zoned,
)
from accounts.models import Staff, User
from accounts.privacy import actions as privacy


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


def _erase(item: User, call: Call) -> str:
    privacy.erase_user(user_id=item.pk, actor=call.actor, reason=call.reason)
    return _("The person is erased.")


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
        Button(
            "erase",
            gettext_lazy("Erase person"),
            "change",
            _erase,
            effect=gettext_lazy(
                "On the person's own request: everything that tells of them is gone at once, at "
                "every business. This cannot be undone."
            ),
            is_offered=lambda user: not user.email.endswith("@erased.invalid"),
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
