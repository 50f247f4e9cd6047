"""Writes of the set-up wizard: begin, save a step, open the page."""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import actions, policy, profiles
from accounts import events as account_events
from accounts.models import Business, BusinessSetup, Role, User
from accounts.onboarding import registry
from accounts.onboarding.guesses import RESERVED_SLUGS
from accounts.onboarding.registry import SetupStep
from common.errors import Conflict
from events import actions as events

MOST_UNFINISHED: Final = 5


@transaction.atomic
def begin_setup(
    *, owner: User, name: str, slug: str, timezone_name: str, currency: str, locale: str
) -> Business:
    """Make a business that is closed to the public until its set-up is finished.

    Raises ValidationError on a bad or taken field, Conflict when too many set-ups of the owner
    are unfinished.
    """
    User.objects.select_for_update().get(pk=owner.pk)
    unfinished = BusinessSetup.objects.filter(
        finished_at=None, business__memberships__user=owner, business__memberships__role=Role.OWNER
    )
    if unfinished.count() >= MOST_UNFINISHED:
        raise Conflict(_("Finish one of the businesses you have begun to set up first."))
    business = actions.create_business(
        owner=owner,
        slug=slug,
        name=name,
        timezone=timezone_name,
        currency=currency,
        locale=locale,
        is_active=False,
    )
    BusinessSetup.objects.create(business=business, done_steps=[registry.steps()[0].name])
    policy.forget_roles(owner)
    return business


@transaction.atomic
def rename(*, business: Business, name: str, slug: str, actor: str) -> Business:
    """Give a business that is not open yet another name and address.

    Raises ValidationError on a bad or taken one, Conflict for another address of an open page,
    which customers may have kept.
    """
    if slug != business.slug and Business.objects.filter(pk=business.pk, is_active=True).exists():
        raise Conflict(_("The page is open. Its address stays as it is."))
    if slug in RESERVED_SLUGS:
        raise ValidationError({"slug": _("This address is taken.")})
    return actions.update_business(business_id=business.pk, actor=actor, name=name, slug=slug)


@transaction.atomic
def set_place(*, business: Business, timezone_name: str, currency: str, actor: str) -> Business:
    """Set the time zone and the currency; raises Conflict for another currency once it is used."""
    if currency != business.currency and registry.is_priced(business):
        raise Conflict(_("Prices are set already. The currency stays as it is."))
    return actions.update_business(
        business_id=business.pk, actor=actor, timezone=timezone_name, currency=currency
    )


@transaction.atomic
def save_step(*, business: Business, step: SetupStep, form: Any, user: User) -> BusinessSetup:
    """Do what a valid form of the step asks for and note that it is done. Repeats safely.

    Raises what the step's action raises.
    """
    setup = BusinessSetup.objects.select_for_update().get(business=business)
    step.save(business, form, user)
    if step.name not in setup.done_steps:
        setup.done_steps = [*setup.done_steps, step.name]
        setup.save(update_fields=["done_steps"])
    return setup


@transaction.atomic
def open_business(*, business: Business, actor: str) -> Business:
    """Open the page to customers once the steps that cannot be skipped are done.

    Raises Conflict while one is missing. Repeats safely: it opens, and is told of, once; a page
    that its owner closed again since stays closed.
    """
    setup = BusinessSetup.objects.select_for_update().get(business=business)
    if setup.finished_at is not None:
        return business
    if missing := missing_steps(setup):
        names = ", ".join(str(step.title) for step in missing)
        raise Conflict(_("Before the page can open: %(steps)s.") % {"steps": names})
    setup.finished_at = timezone.now()
    setup.save(update_fields=["finished_at"])
    locked = Business.objects.select_for_update().get(pk=business.pk)
    locked.is_active = True
    locked.version += 1
    locked.save(update_fields=["is_active", "version"])
    profiles.drop_after_commit(locked)
    actions.record_audit(
        actor=actor,
        action="business.open",
        business=locked.public_id,
        subject=locked.public_id,
    )
    events.record(account_events.business_updated(locked, actor=actor))
    events.record(account_events.business_opened(locked, actor=actor))
    return locked


def missing_steps(setup: BusinessSetup) -> list[SetupStep]:
    """Return the steps without which the page cannot open, in order."""
    return [
        step for step in registry.steps() if not step.can_skip and step.name not in setup.done_steps
    ]
