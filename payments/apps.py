"""Gateways, payments, refunds and the ledger."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """Registers gateways, event types, reactions, loaders, rules and checks."""

    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        """Fill the registries."""
        from django.core import checks

        from accounts.privacy import holders
        from events import registry as events
        from payments import checks as payment_checks
        from payments import events as payment_events
        from payments import personal_data, policy, queries, reactions
        from payments.gateways import registry as gateways
        from payments.gateways.stripe import StripeGateway
        from payments.inbound import source_of
        from webhooks import sources

        events.add_types(*payment_events.TYPES)
        events.add_reactions(*reactions.REACTIONS)
        events.add_subject("pay", queries.find_payment)
        events.add_subject("rfn", queries.find_refund)
        policy.register_own()
        checks.register(payment_checks.check_sandbox)
        gateways.register(StripeGateway.code, StripeGateway)
        if gateways.is_sandbox_allowed():
            self._add_sandbox()
        for code in gateways.codes():
            sources.register(source_of(code))
        holders.register(personal_data.HOLDER)

    @staticmethod
    def _add_sandbox() -> None:
        from events import registry as events
        from payments.gateways import registry as gateways
        from payments.gateways.sandbox import SandboxGateway, delivery

        gateways.register(SandboxGateway.code, SandboxGateway)
        events.add_kind(delivery.KIND)
