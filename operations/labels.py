"""Words for fields and models whose names in the code are all the name they have.

A foreign key is labelled by its attribute's name, which no catalogue would translate. The labels
are made translatable here, after the models are read, so that no migration mentions them.
"""

from typing import Any, Final

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override

_OURS: Final = (
    "common",
    "events",
    "accounts",
    "webhooks",
    "notifications",
    "payments",
    "bookings",
    "leads",
)


def translate() -> None:
    """Make every label of our models follow the reader's language; repeats safely."""
    for label in _OURS:
        for model in apps.get_app_config(label).get_models():
            meta: Any = model._meta
            meta.verbose_name = _lazy(meta.verbose_name)
            if "verbose_name_plural" not in meta.original_attrs:
                # Django's own plural is the singular and an s, in every language.
                with override("en"):
                    meta.verbose_name_plural = gettext_lazy(str(meta.verbose_name_plural))
            meta.verbose_name_plural = _lazy(meta.verbose_name_plural)
            for field in (*meta.local_fields, *meta.local_many_to_many):
                field.verbose_name = _lazy(field.verbose_name)


def _lazy(text: str | Promise) -> str | Promise:
    return text if isinstance(text, Promise) or not text else gettext_lazy(text)
