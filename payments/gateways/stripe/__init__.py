"""Stripe: PaymentIntents on our page and hosted Checkout, through its own client."""

from payments.gateways.stripe.adapter import StripeGateway

__all__ = ["StripeGateway"]
