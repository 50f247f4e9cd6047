"""Does the provider's news fit what was asked for? Amount, currency, account, mode and order."""

from payments.gateways.base import PaymentFacts, Progress, RefundFacts
from payments.models import GatewayAccount, Payment


def mismatch(payment: Payment, facts: PaymentFacts) -> str:
    """Return the name of what does not fit, or '' when all does.

    An answer without an amount proves no payment, so success without one does not fit either.
    """
    account = payment.gateway_account
    if reason := _account_mismatch(account, facts):
        return reason
    if facts.reference and facts.reference != payment.public_id:
        return "order"
    known, told = payment.provider_id, facts.ids.payment_id
    if known and told and known != told:
        return "order"
    if facts.amount is None:
        return "amount" if facts.progress is Progress.SUCCEEDED else ""
    if facts.amount.currency != payment.currency:
        return "currency"
    return "" if facts.amount.minor == payment.amount_minor else "amount"


def refund_mismatch(payment: Payment, facts: RefundFacts) -> str:
    """Return the name of what does not fit, or ''."""
    if reason := _account_mismatch(payment.gateway_account, facts):
        return reason
    if facts.amount is not None and facts.amount.currency != payment.currency:
        return "currency"
    return ""


def _account_mismatch(account: GatewayAccount, facts: PaymentFacts | RefundFacts) -> str:
    if facts.account and facts.account != account.reference:
        return "account"
    if facts.is_live is not None and facts.is_live != (account.mode == GatewayAccount.Mode.LIVE):
        return "mode"
    return ""
