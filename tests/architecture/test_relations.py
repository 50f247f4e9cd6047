"""What the import contracts cannot see: foreign keys named by text, and events without them."""

import pytest
from django.apps import apps
from django.db import models

from events.models import Event

# Lower apps first, libraries below them all; an app's models may point at its own or at lower apps,
# never sideways.
HEIGHTS = {
    "common": 1,
    "events": 2,
    "accounts": 3,
    "webhooks": 4,
    "payments": 5,
    "notifications": 5,
    "bookings": 6,
    "leads": 7,
    "operations": 8,
}
OWN = [config.label for config in apps.get_app_configs() if config.label in HEIGHTS]


def relations():
    for label in OWN:
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.get_fields():
                if isinstance(field, models.ForeignKey | models.ManyToManyField):
                    yield model, field


class TestRelations:
    @pytest.mark.parametrize(
        ("model", "field"),
        [pytest.param(m, f, id=f"{m._meta.label}.{f.name}") for m, f in relations()],
    )
    def test_point_down_or_stay_inside_the_app(self, model, field) -> None:
        source, target = model._meta.app_label, field.related_model._meta.app_label

        assert source == target or HEIGHTS.get(target, 0) < HEIGHTS[source]

    def test_events_have_none(self) -> None:
        assert [f.name for f in Event._meta.get_fields() if f.is_relation] == []
