"""Smallest valid accounts and payments."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from payments.models import GatewayAccount, Payment
from tests.factories.accounts import BusinessFactory, ContactFactory

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
STRIPE_KEY = "sk_test_frontdesk"
STRIPE_SECRET = "whsec_test_secret"
SANDBOX_SECRET = "sandbox_test_secret"


class GatewayAccountFactory(DjangoModelFactory[GatewayAccount]):
    class Meta:
        model = GatewayAccount

    class Params:
        stripe = factory.Trait(
            gateway="stripe",
            credentials={"secret_key": STRIPE_KEY, "webhook_secrets": [STRIPE_SECRET]},
        )

    business = factory.SubFactory(BusinessFactory)
    gateway = "sandbox"
    mode = "test"
    reference = factory.Sequence(lambda n: f"acct_{n:04}")
    credentials = factory.LazyFunction(lambda: {"webhook_secrets": [SANDBOX_SECRET]})


class PaymentFactory(DjangoModelFactory[Payment]):
    class Meta:
        model = Payment

    class Params:
        paid = factory.Trait(
            status="succeeded",
            succeeded_at=NOON,
            captured_minor=factory.SelfAttribute("amount_minor"),
        )

    business = factory.SubFactory(BusinessFactory)
    contact = factory.SubFactory(ContactFactory, business=factory.SelfAttribute("..business"))
    gateway_account = factory.SubFactory(
        GatewayAccountFactory, business=factory.SelfAttribute("..business")
    )
    payable_type = "parcel"
    payable_id = factory.SelfAttribute("contact.public_id")
    purpose = "deposit"
    flow = "hosted"
    amount_minor = 150000
    currency = "VND"
    status = "pending"
    provider_id = factory.Sequence(lambda n: f"pi_{n:04}")
    idempotency_key = factory.Sequence(lambda n: f"key-{n}")
    submitted_at = NOON
    created_at = NOON
