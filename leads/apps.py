"""Enquiries: people who have not booked yet."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    """Registers event types, the object loader and access rules."""

    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        """Fill the registries."""
        from accounts.privacy import holders
        from events import registry
        from leads import events as lead_events
        from leads import personal_data, policy, queries

        registry.add_types(*lead_events.TYPES)
        registry.add_subject("led", queries.find_lead)
        policy.register()
        holders.register(personal_data.HOLDER)
