"""Services, availability, bookings, tasks and conversations."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BookingsConfig(AppConfig):
    """Registers event types, reactions, object loaders, access rules and the payable."""

    name = "bookings"
    verbose_name = _("Bookings")

    def ready(self) -> None:
        """Fill the registries."""
        from accounts.privacy import holders
        from bookings import events as booking_events
        from bookings import onboarding, personal_data, policy, queries, reactions
        from bookings.actions import BOOKING_PAYABLE
        from events import registry
        from payments import payables

        registry.add_types(*booking_events.TYPES)
        registry.add_reactions(
            reactions.expire_hold,
            reactions.close_payments,
            reactions.extend_hold,
            reactions.refresh_slots,
            reactions.refresh_business,
        )
        registry.add_subject("bkg", queries.find_booking)
        registry.add_subject("tsk", queries.find_task)
        payables.register(BOOKING_PAYABLE)
        holders.register(personal_data.HOLDER)
        policy.register_own()
        onboarding.register()
