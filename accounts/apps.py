"""Users, businesses, members, customers, policy and records."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Registers event types, object loaders and access rules."""

    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        """Fill the registries."""
        from allauth.mfa.models import Authenticator
        from django.core import checks

        from accounts import checks as account_checks
        from accounts import codes, otp, policy, queries, reactions, security_log, sign_in, social
        from accounts import events as account_events
        from accounts.api_keys import scopes, usage
        from accounts.devices import events as device_events
        from accounts.devices import sessions
        from accounts.devices.queries import find_device
        from accounts.models import PersonalExport
        from accounts.onboarding import registration, steps
        from accounts.privacy import exporting, holders, own, records
        from accounts.team import events as team_events
        from accounts.team import joining
        from accounts.team.queries import find_invitation
        from common import rotation
        from events import registry

        registry.add_types(*account_events.TYPES, *team_events.TYPES, *device_events.TYPES)
        registry.add_reactions(reactions.tell_new_device)
        registry.add_subject("dev", find_device)
        registry.add_subject("biz", queries.find_business)
        registry.add_subject("ctc", queries.find_contact)
        registry.add_subject("usr", queries.find_user)
        registry.add_subject("inv", find_invitation)
        policy.register_own()
        registry.add_reactions(reactions.tell_security_change)
        codes.install()
        otp.connect()
        sign_in.connect()
        social.connect()
        checks.register(account_checks.check_addresses)
        rotation.register(Authenticator, "data")
        security_log.connect()
        registry.add_reactions(reactions.mail_seal, records.finish_erasure)
        registry.add_kind(exporting.KIND)
        rotation.register(PersonalExport, "body")
        holders.register(own.HOLDER)
        registration.connect()
        joining.connect()
        steps.register()
        scopes.add("catalogue:read", _("Read profile and services, also while not public"))
        usage.connect()
        sessions.connect()
