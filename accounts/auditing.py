"""What every door shares to record a change: before and after, by whom, once.

An action that staff call from more than one door wraps its write in `change`. A button of the
admin records the press with its reason itself; `covering` keeps the action inside from telling
the same again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from django.db import models

from accounts import actions
from accounts.callers import GUEST
from common.fields import EncryptedJSONField, EncryptedTextField

_covered: ContextVar[str] = ContextVar("audit_covered", default="")
_OTHERS: Final = ("system", "ctc_")


@contextmanager
def covering(item: models.Model) -> Iterator[None]:
    """Leave changes of this object inside the block to the caller's own entry."""
    token = _covered.set(subject_of(item))
    try:
        yield
    finally:
        _covered.reset(token)


@contextmanager
def change(
    item: models.Model, *fields: str, action: str, actor: str, reason: str = ""
) -> Iterator[None]:
    """Record which of the fields differ after the block, in the caller's transaction.

    Writes nothing for what the product did by itself or a guest did, which the event log tells,
    when nothing changed, and inside `covering`.
    """
    before = {name: getattr(item, name) for name in fields}
    yield
    after = {name: getattr(item, name) for name in fields}
    changed = [name for name in fields if before[name] != after[name]]
    if changed:
        note(
            item,
            action=action,
            actor=actor,
            reason=reason,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )


def note(item: models.Model, *, action: str, actor: str, **told: Any) -> None:
    """Record an act on the object unless `covering` does or the actor is no account.

    `told` may hold reason, before and after.
    """
    subject = subject_of(item)
    if not actor or actor == GUEST or actor.startswith(_OTHERS) or _covered.get() == subject:
        return
    actions.record_audit(
        actor=actor,
        action=action,
        subject=subject,
        business=business_of(item),
        personal_fields=personal_fields(type(item)),
        **told,
    )


def personal_fields(model: type[models.Model]) -> tuple[str, ...]:
    """Return the fields whose values tell something of a person."""
    return tuple(getattr(model, "personal_fields", ()))


def snapshot(item: models.Model) -> dict[str, Any]:
    """Return the object's values for a record of its removal; secrets stay out."""
    return {
        field.attname: getattr(item, field.attname)
        for field in item._meta.concrete_fields
        if not isinstance(field, EncryptedTextField | EncryptedJSONField | models.BinaryField)
        and field.attname not in {"id", "search_text"}
    }


def subject_of(item: models.Model) -> str:
    """Return the object's public id, or its table and key when it has none."""
    return str(getattr(item, "public_id", "") or f"{item._meta.label_lower}:{item.pk}")


def business_of(item: Any) -> str:
    """Return the public id of the business the object belongs to, or nothing."""
    business = getattr(item, "business", "")
    return str(getattr(business, "public_id", business) or "")
