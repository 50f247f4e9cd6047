"""Accounts in the admin, for superusers."""

from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from accounts import actions, otp, presence, sign_out, timeline
from accounts.console import (
    Button,
    Call,
    Headline,
    ScopedModelAdmin,
    badge,
    facts,
    link_to,
    person,
    zoned,
)
from accounts.models import Staff, User
from accounts.presence import Presence
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


def _end_sessions(item: User, call: Call) -> str:
    count = sign_out.end_sessions(user_id=item.pk, actor=call.actor, reason=call.reason)
    return ngettext("%(count)d session ended.", "%(count)d sessions ended.", count) % {
        "count": count
    }


class HereFilter(admin.SimpleListFilter):
    """Who has a page open now."""

    title = gettext_lazy("presence")
    parameter_name = "here"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("now", _("here now"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those with an open page."""
        if self.value() == "now":
            return queryset.filter(public_id__in=list(presence.online()))
        return queryset


def _erase(item: User, call: Call) -> str:
    privacy.erase_user(user_id=item.pk, actor=call.actor, reason=call.reason)
    return _("The person is erased.")


@admin.register(User)
class UserAdmin(ScopedModelAdmin):
    """Accounts; for superusers. Access changes by buttons that ask why.

    Who has the permission to remove lost second factors finds the accounts that are not
    superusers' and can do that, and nothing else.
    """

    list_display = ("email", "full_name", "here", "access", "second_factor", "state", "last_seen")
    list_filter = (HereFilter, "is_active", "is_staff", "is_superuser")
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
            "end-sessions",
            gettext_lazy("End sessions"),
            "change",
            _end_sessions,
            effect=gettext_lazy("The person is signed out everywhere and may sign in again."),
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
            "remove_factors",
            _remove_factors,
            effect=gettext_lazy(
                "For somebody who lost theirs. They are signed out everywhere, told by mail, and "
                "set up a new one. Make sure first that it is really them who asks."
            ),
            steps_up=True,
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

    def rows_for(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Show every account to superusers, the others' to those who recover second factors."""
        if not person(request).is_superuser and self._may_recover(request):
            return queryset.filter(is_superuser=False)
        return super().rows_for(request, queryset)

    def may(self, request: HttpRequest, verb: str, item: Model | None = None) -> bool:
        """Let superusers do everything, and those with the permission recover second factors."""
        if person(request).is_superuser or verb not in {"view", "remove_factors"}:
            return super().may(request, verb, item)
        return self._may_recover(request)

    def _may_recover(self, request: HttpRequest) -> bool:
        return person(request).has_perm("accounts.remove_second_factors")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Read whether each account has a second factor with the row."""
        rows: QuerySet[User] = super().get_queryset(request)
        factors = Authenticator.objects.filter(user=OuterRef("pk"))
        return rows.annotate(has_factor=Exists(factors))

    class Media:
        """The list follows what happens."""

        js = ("frontdesk/js/admin-live-list.js",)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Read the presence of the page's rows in one look-up."""
        changelist = super().get_changelist_instance(request)
        rows = list(changelist.result_list)
        found = presence.read([row.public_id for row in rows])
        for row in rows:
            row.presence = found[row.public_id]
        changelist.result_list = rows
        return changelist

    def history(self, obj: User) -> list[timeline.Entry]:
        """Show the account's activity: what it did and what happened to it."""
        return timeline.activity(obj)

    @display(description=gettext_lazy("presence"))
    def here(self, obj: User) -> str:
        """Show whether the person has a page open, and whether they use it."""
        return _presence_badge(_presence_of(obj))

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

    @display(description=gettext_lazy("last seen"), ordering="last_login")
    def last_seen(self, obj: User) -> str:
        """Show when the person was last here; without that knowledge, when they signed in."""
        return zoned(_presence_of(obj).last_seen or obj.last_login, obj.timezone or "UTC")

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
                (_("Presence"), _presence_badge(_presence_of(obj))),
                (_("Last seen"), self.last_seen(obj)),
                (_("Works for"), ", ".join(places)),
                (_("Last sign-in"), zoned(obj.last_login, obj.timezone or "UTC")),
                (_("Profile"), link_to(Staff.objects.filter(user=obj).first())),
            ),
        )


def _presence_of(user: User) -> Presence:
    """Return the presence read with the list, or read for this one."""
    found: Presence = (
        getattr(user, "presence", None) or presence.read([user.public_id])[user.public_id]
    )
    return found


def _presence_badge(here: Presence) -> str:
    return {
        "online": badge(_("online"), "success"),
        "idle": badge(_("idle"), "warning"),
        "offline": badge(_("offline")),
    }[here.state]
