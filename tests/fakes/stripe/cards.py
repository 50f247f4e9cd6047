"""Stripe's published test payment methods and what each of them does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a test method answers a confirmation and, later, a refund."""

    decline_code: str = ""
    error_code: str = "card_declined"
    message: str = "Your card was declined."
    needs_authentication: bool = False
    is_slow: bool = False
    refund_status: str = "succeeded"
    kind: str = "card"


METHODS: dict[str, Behaviour] = {
    "pm_card_visa": Behaviour(),
    "pm_card_mastercard": Behaviour(),
    "pm_card_visa_chargeDeclined": Behaviour(decline_code="generic_decline"),
    "pm_card_chargeDeclined": Behaviour(decline_code="generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": Behaviour(
        decline_code="insufficient_funds", message="Your card has insufficient funds."
    ),
    "pm_card_chargeDeclinedInsufficientFunds": Behaviour(
        decline_code="insufficient_funds", message="Your card has insufficient funds."
    ),
    "pm_card_chargeDeclinedExpiredCard": Behaviour(
        decline_code="expired_card",
        error_code="expired_card",
        message="Your card has expired.",
    ),
    "pm_card_chargeDeclinedProcessingError": Behaviour(
        decline_code="processing_error",
        error_code="processing_error",
        message="An error occurred while processing your card. Try again in a little bit.",
    ),
    "pm_card_threeDSecure2Required": Behaviour(needs_authentication=True),
    "pm_card_authenticationRequired": Behaviour(needs_authentication=True),
    "pm_card_pendingRefund": Behaviour(refund_status="pending"),
    "pm_card_refundFail": Behaviour(refund_status="failed"),
    "pm_usBankAccount": Behaviour(is_slow=True, kind="us_bank_account"),
}

NUMBERS: dict[str, str] = {
    "4242424242424242": "pm_card_visa",
    "4000000000000002": "pm_card_visa_chargeDeclined",
    "4000000000009995": "pm_card_visa_chargeDeclinedInsufficientFunds",
    "4000000000000069": "pm_card_chargeDeclinedExpiredCard",
    "4000000000000119": "pm_card_chargeDeclinedProcessingError",
    "4000002500003155": "pm_card_authenticationRequired",
    "4000000000003220": "pm_card_threeDSecure2Required",
    "4000000000007726": "pm_card_pendingRefund",
    "4000000000005126": "pm_card_refundFail",
}
