"""Letters about money: receipts, refunds, and payments that are being checked."""

from django.utils.translation import gettext as _

from notifications.letters.base import Letter, Scene, moment


def _amount(scene: Scene) -> dict[str, str]:
    name = "captured_minor" if scene.data.get("captured_minor") else "amount_minor"
    return {
        "amount": scene.money(name),
        "business": scene.business.name,
        "customer": scene.customer_name,
    }


def _payable(scene: Scene) -> str:
    return str(scene.data["payable_id"])


def _rows(scene: Scene) -> tuple[tuple[str, str], ...]:
    amount = _amount(scene)["amount"]
    rows = [
        (_("Amount"), amount),
        (_("Date"), moment(scene.event.at, scene.business.zone)),
        (_("Reference"), str(scene.data["id"])),
    ]
    if not scene.is_customer:
        rows.insert(0, (_("Customer"), scene.customer_name))
    return tuple(rows)


def receipt(scene: Scene) -> Letter:
    """Say that the money was received."""
    if scene.is_customer:
        return Letter(
            title=_("Receipt: %(amount)s to %(business)s") % _amount(scene),
            lead=_("We received your payment of %(amount)s. Thank you.") % _amount(scene),
            rows=_rows(scene),
            button=(_("See your booking"), scene.link(_payable(scene))),
            tone="good",
        )
    return Letter(
        title=_("Paid: %(amount)s by %(customer)s") % _amount(scene),
        lead=_("%(customer)s paid %(amount)s.") % _amount(scene),
        rows=_rows(scene),
        button=(_("Open the booking"), scene.link(_payable(scene))),
        tone="good",
    )


def uncertain(scene: Scene) -> Letter:
    """Say that the payment is being checked, so that nobody pays twice."""
    return Letter(
        title=_("Your payment of %(amount)s is being checked") % _amount(scene),
        lead=_("The payment service has not told us yet what became of your payment.")
        % _amount(scene),
        rows=_rows(scene),
        button=(_("See the state of your booking"), scene.link(_payable(scene))),
        note=_("Please do not pay again. We ask until we know, and write to you then."),
        tone="attention",
    )


def in_review(scene: Scene) -> Letter:
    """Say that a person looks at the payment."""
    if scene.is_customer:
        return Letter(
            title=_("Your payment of %(amount)s is under review") % _amount(scene),
            lead=_("Something about your payment to %(business)s needs a person to look at it.")
            % _amount(scene),
            rows=_rows(scene),
            button=(_("See the state of your booking"), scene.link(_payable(scene))),
            note=_("Please do not pay again. You hear from us as soon as it is settled."),
            tone="attention",
        )
    return Letter(
        title=_("Look at this payment: %(amount)s by %(customer)s") % _amount(scene),
        lead=_("What the payment service reports does not match what was asked for."),
        rows=_rows(scene),
        button=(_("Open the payment"), scene.link(str(scene.data["id"]))),
        tone="attention",
    )


def refunded(scene: Scene) -> Letter:
    """Say that the money is on its way back."""
    return Letter(
        title=_("Refund: %(amount)s from %(business)s") % _amount(scene),
        lead=_("%(business)s sent %(amount)s back to you.") % _amount(scene),
        rows=_rows(scene),
        button=(_("See your booking"), scene.link(_payable(scene))),
        note=_("Depending on your bank it takes up to ten days until you see it."),
        tone="good",
    )


def refund_failed(scene: Scene) -> Letter:
    """Say that money did not go back and somebody must act."""
    return Letter(
        title=_("Refund failed: %(amount)s to %(customer)s") % _amount(scene),
        lead=_("The payment service could not send %(amount)s back.") % _amount(scene),
        rows=_rows(scene),
        button=(_("Open the refund"), scene.link(str(scene.data["id"]))),
        note=_("The customer still waits for this money."),
        tone="bad",
    )
