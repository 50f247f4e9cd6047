"""Buttons: the only way a workflow moves in the admin.

A button calls one action of its app. The audit entry is written in the same transaction, unless
the action talks to a provider and so must not run inside one.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts import actions
from accounts.auditing import business_of, covering, personal_fields, subject_of
from accounts.models import User
from common.db import retry_on_conflict

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Call:
    """What a press of a button brings: who pressed it, why, and the values of its form."""

    user: User
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def actor(self) -> str:
        """Return the public id that goes into events and the audit log."""
        return self.user.public_id


class ButtonForm(forms.Form):
    """What a button asks before it acts; `item` is None when it acts on many objects."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        item: models.Model | None,
        user: User,
        asks_reason: bool = False,
    ) -> None:
        """Add the reason last, where it is asked for."""
        self.item, self.user = item, user
        super().__init__(data)
        if asks_reason:
            self.fields["reason"] = forms.CharField(
                label=_("Reason"),
                max_length=200,
                widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
                help_text=_("Kept in the audit log."),
            )


@dataclass(frozen=True, eq=False)
class Button:
    """One step of a workflow.

    `verb` is the policy's; `run` calls the action and may return a sentence for the person who
    pressed. `is_offered` says in which states the object shows the button: the action itself
    still decides. `effect` says before the press what it will do. One that `steps_up` asks who
    presses it to confirm that it is them.
    """

    name: str
    label: Text
    verb: str
    run: Callable[[Any, Call], str | None]
    effect: Text = ""
    is_offered: Callable[[Any], bool] = lambda _item: True
    asks_reason: bool = False
    form: type[ButtonForm] = ButtonForm
    tone: str = ""
    in_bulk: bool = True
    talks_to_provider: bool = False
    audits_itself: bool = False
    steps_up: bool = False

    @property
    def asks(self) -> bool:
        """Say whether a form comes before the act."""
        return self.asks_reason or self.form is not ButtonForm

    def press(self, item: models.Model, call: Call, *, watched: tuple[str, ...] = ()) -> str | None:
        """Carry out the action and record who did it; raises the action's DomainError."""
        if self.talks_to_provider:
            with self._covered(item):
                said = self.run(item, call)
            self._record(item, call, {}, watched)
            return said

        @retry_on_conflict
        @transaction.atomic
        def act() -> str | None:
            before = {name: getattr(item, name) for name in watched}
            with self._covered(item):
                said = self.run(item, call)
            self._record(item, call, before, watched)
            return said

        return act()

    def _covered(self, item: models.Model) -> AbstractContextManager[None]:
        return nullcontext() if self.audits_itself else covering(item)

    def _record(
        self, item: models.Model, call: Call, before: dict[str, Any], watched: tuple[str, ...]
    ) -> None:
        if self.audits_itself:
            return
        meta = item._meta
        now = type(item)._default_manager.filter(pk=item.pk).values(*watched).first() or {}
        changed = {name: value for name, value in now.items() if before.get(name) != value}
        actions.record_audit(
            actor=call.actor,
            action=f"{meta.model_name}.{self.name}",
            subject=subject_of(item),
            business=business_of(item),
            reason=call.reason,
            before={name: before[name] for name in changed if name in before},
            after=changed,
            personal_fields=personal_fields(type(item)),
        )
