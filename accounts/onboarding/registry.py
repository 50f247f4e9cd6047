"""Steps of the set-up wizard, and what remains to do after it. Apps add theirs in `ready()`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise

from accounts.models import Business, User

Text = str | Promise


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One page of the wizard.

    `build` makes its form, bound to data or filled with what is there; `save` calls the app's
    action, inside the wizard's transaction, and may raise ValidationError or a DomainError.
    `context` adds what the page's template needs. A step that can be skipped is listed
    afterwards among what remains.
    """

    name: str
    title: Text
    lead: Text
    order: int
    build: Callable[[Business, Mapping[str, Any] | None], forms.BaseForm]
    save: Callable[[Business, Any, User], None]
    template: str = "accounts/setup/step.html"
    context: Callable[[Business, Any], dict[str, Any]] = lambda _business, _form: {}
    can_skip: bool = False


@dataclass(frozen=True, slots=True)
class SetupCheck:
    """Something good to do once the page is open, and where it is done."""

    name: str
    label: Text
    order: int
    is_done: Callable[[Business], bool]
    link: Callable[[Business], str]


_steps: dict[str, SetupStep] = {}
_checks: dict[str, SetupCheck] = {}


def add_step(step: SetupStep) -> None:
    """Add a step; the same name again replaces it."""
    _steps[step.name] = step


def add_check(check: SetupCheck) -> None:
    """Add something to do afterwards; the same name again replaces it."""
    _checks[check.name] = check


def steps() -> list[SetupStep]:
    """Return the steps in their order."""
    return sorted(_steps.values(), key=lambda step: (step.order, step.name))


def checks() -> list[SetupCheck]:
    """Return what is good to do afterwards, in its order."""
    return sorted(_checks.values(), key=lambda check: (check.order, check.name))


_priced: list[Callable[[Business], bool]] = []


def add_priced(reader: Callable[[Business], bool]) -> None:
    """Let an app say whether a business has amounts, which a new currency would falsify."""
    if reader not in _priced:
        _priced.append(reader)


def is_priced(business: Business) -> bool:
    """Say whether anything of the business carries an amount in its currency."""
    return any(reader(business) for reader in _priced)
