"""The transition tables: every pair of states, and every order of a provider's news."""

import itertools

import pytest

from payments.models import Payment, Refund
from payments.states import (
    OPEN_PAYMENT,
    OPEN_REFUND,
    PAYMENT_RANK,
    PAYMENT_STEPS,
    REFUND_STEPS,
    SOFT_ENDS,
    may_move_payment,
)


class TestPaymentSteps:
    def test_cover_every_status(self):
        assert set(PAYMENT_STEPS) == set(Payment.Status.values) == set(PAYMENT_RANK)
        assert OPEN_PAYMENT | SOFT_ENDS | {"succeeded"} == set(Payment.Status.values)

    @pytest.mark.parametrize(
        ("current", "wanted"), list(itertools.product(PAYMENT_STEPS, PAYMENT_STEPS))
    )
    def test_never_go_back(self, current, wanted):
        if may_move_payment(current, wanted):
            assert PAYMENT_RANK[wanted] > PAYMENT_RANK[current]

    def test_let_money_win_over_soft_ends_and_nothing_over_money(self):
        for end in SOFT_ENDS:
            assert PAYMENT_STEPS[end] == {"succeeded"}
        assert PAYMENT_STEPS["succeeded"] == frozenset()

    def test_end_the_same_in_every_order_that_holds_money(self):
        news = ["pending", "requires_action", "processing", "failed", "expired", "succeeded"]
        for order in itertools.permutations(news):
            status = "submitting"
            for wanted in order:
                status = wanted if may_move_payment(status, wanted) else status
            assert status == "succeeded"


class TestRefundSteps:
    def test_cover_every_status(self):
        assert set(REFUND_STEPS) == set(Refund.Status.values)
        assert {"requested", "submitted", "pending", "requires_action"} == OPEN_REFUND

    def test_let_a_bank_return_a_refund_and_nothing_follow_failure(self):
        assert REFUND_STEPS["succeeded"] == {"failed"}
        assert REFUND_STEPS["failed"] == REFUND_STEPS["canceled"] == frozenset()
