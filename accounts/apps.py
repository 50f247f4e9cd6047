"""Users, businesses, members, customers, policy and records."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Registers event types, object loaders and access rules."""

    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        """Fill the registries."""
        from accounts import events as account_events
        from accounts import otp, policy, queries, reactions
        from accounts.api_keys import scopes, usage
        from accounts.devices import events as device_events
        from accounts.devices import sessions
        from accounts.devices.queries import find_device
        from events import registry

        registry.add_types(*account_events.TYPES)
        registry.add_types(*device_events.TYPES)
        registry.add_reactions(reactions.tell_new_device)
        registry.add_subject("dev", find_device)
        registry.add_subject("biz", queries.find_business)
        registry.add_subject("ctc", queries.find_contact)
        registry.add_subject("usr", queries.find_user)
        policy.register_own()
        otp.connect()
        scopes.add("catalogue:read", _("Read profile and services, also while not public"))
        usage.connect()
        sessions.connect()
