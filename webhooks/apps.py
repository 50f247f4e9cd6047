"""The inbound door of provider notices."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """Lets the relay process stored notices."""

    name = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        """Fill the registries."""
        from events import registry
        from webhooks import processing

        registry.add_kind(processing.KIND)
