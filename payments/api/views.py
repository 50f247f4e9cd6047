"""REST: starting, reading and listing payments; asking for refunds."""

import hashlib
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy
from accounts.callers import actor_of, caller_of, label_of
from common.authentication import principal
from common.bodies import page_body
from common.endpoints import ApiView, read
from common.errors import NotFound
from common.idempotency_http import idempotent
from common.money import Money
from common.openapi import Output, operation, page_of
from common.pagination import paginate
from events import registry
from payments import actions, provider_calls, queries
from payments.api.bodies import (
    PaymentBody,
    RefundBody,
    StartedPaymentBody,
    payment_body,
    refund_body,
    started_body,
)
from payments.api.inputs import PaymentInput, PaymentListQuery, RefundInput, TokenQuery
from payments.errors import LiveAccountRefused
from payments.models import GatewayAccount, Payment

START = OpenApiExample(
    "The deposit, on the page",
    value={"booking": "bkg_01kac3w1v5h0e8y2r7m4q9t6zd", "purpose": "deposit", "flow": "embedded"},
    request_only=True,
)


def booking_of(request: Request) -> str:
    """Return the booking the body names, which tells guests' clients apart."""
    named = request.data.get("booking", "") if isinstance(request.data, dict) else ""
    return str(named)[:60]


def start_payment(request: Request, *, flow: str = "") -> Payment:
    """Carry out a PaymentInput for whoever may pay for the booking; calls the provider.

    Raises what `provider_calls.start_payment` raises, NotFound, NotSignedIn and Forbidden.
    """
    actor = actor_of(request)
    values = read(PaymentInput, request.data)
    payable = registry.current(values["booking"])
    if payable is None:
        raise NotFound
    policy.require(actor, "pay", payable)
    return provider_calls.start_payment(
        payable_type="booking",
        payable_id=values["booking"],
        purpose=values["purpose"],
        gateway=values["gateway"],
        flow=values["flow"] or flow,
        return_url=values["return_url"],
        actor=label_of(actor),
        is_test_only=_is_test_key(actor),
    )


class PaymentsView(ApiView):
    """All payments the caller may see, and new ones."""

    throttle_category = "payments"
    open_methods = frozenset({"POST"})
    cors_methods = frozenset({"POST"})
    key_scopes = {"GET": "payments:read", "POST": "payments:write"}

    @operation(
        name="listPayments",
        summary="List payments",
        tag="payments",
        query=PaymentListQuery,
        answers={200: page_of(PaymentBody)},
    )
    def get(self, request: Request) -> Response:
        """Return a page, the newest first."""
        query = read(PaymentListQuery, request.query_params)
        rows = queries.visible_payments(caller_of(request))
        if query["business"]:
            rows = rows.filter(business__public_id=query["business"])
        if query["booking"]:
            rows = rows.filter(payable_type="booking", payable_id=query["booking"])
        if query["status"]:
            rows = rows.filter(status=query["status"])
        page = paginate(
            rows,
            order=("-id",),
            scope=f"payments:{query['business']}:{query['booking']}:{query['status']}",
            cursor=query["cursor"],
            limit=query["limit"],
        )
        return Response(page_body([payment_body(row) for row in page.rows], page.next_cursor))

    @operation(
        name="createPayment",
        summary="Pay for a booking",
        description="Returns a `client_secret` for the form on the page, or a `checkout_url` to "
        "send the customer to. The booking is confirmed by the provider's notice, never by the "
        "customer's return. The same wish again returns the same payment.",
        tag="payments",
        body=PaymentInput,
        answers={201: Output(StartedPaymentBody)},
        takes_booking_token=True,
        can_conflict=True,
        examples=[START],
    )
    @idempotent(scope=booking_of, is_required=True, joins=False)
    def post(self, request: Request) -> Response:
        """Start collecting what the booking asks for."""
        return Response(started_body(start_payment(request)), status=201)


class PaymentView(ApiView):
    """One payment."""

    throttle_category = "payments"
    open_methods = frozenset({"GET"})
    key_scopes = {"GET": "payments:read"}

    @operation(
        name="getPayment",
        summary="Read a payment",
        tag="payments",
        query=TokenQuery,
        answers={200: Output(PaymentBody)},
        takes_booking_token=True,
    )
    def get(self, request: Request, payment: str) -> Response:
        """Return the payment to its customer, a guest with the booking's token, or staff."""
        read(TokenQuery, request.query_params)
        found = queries.find_payment(payment)
        if found is None:
            raise NotFound
        policy.require(actor_of(request), "view", found)
        return Response(payment_body(found))


class RefundsView(ApiView):
    """New refunds."""

    throttle_category = "payments"
    key_scopes = {"POST": "refunds:write"}

    @operation(
        name="createRefund",
        summary="Refund a payment",
        description="Asks for money to go back; the provider is told at once, the outcome follows.",
        tag="refunds",
        body=RefundInput,
        answers={201: Output(RefundBody)},
        can_conflict=True,
    )
    @idempotent(scope=booking_of, is_required=True)
    def post(self, request: Request) -> Response:
        """Ask for a refund, by those who may handle the business's money."""
        values = read(RefundInput, request.data)
        payment = queries.find_payment(values["payment"])
        if payment is None:
            raise NotFound
        actor = actor_of(request)
        policy.require(actor, "refund", payment)
        if _is_test_key(actor) and payment.gateway_account.mode == GatewayAccount.Mode.LIVE:
            raise LiveAccountRefused
        amount = values["amount_minor"]
        refund = actions.request_refund(
            payment_id=payment.public_id,
            amount=Money(amount, payment.currency) if amount else None,
            reason=values["reason"],
            request_id=_request_id(request),
            actor=label_of(actor),
            now=timezone.now(),
        )
        return Response(refund_body(refund), status=201)


class RefundView(ApiView):
    """One refund."""

    throttle_category = "payments"
    open_methods = frozenset({"GET"})
    key_scopes = {"GET": "payments:read"}

    @operation(
        name="getRefund",
        summary="Read a refund",
        tag="refunds",
        query=TokenQuery,
        answers={200: Output(RefundBody)},
        takes_booking_token=True,
    )
    def get(self, request: Request, refund: str) -> Response:
        """Return the refund to its customer, a guest with the booking's token, or staff."""
        read(TokenQuery, request.query_params)
        found = queries.find_refund(refund)
        if found is None:
            raise NotFound
        policy.require(actor_of(request), "view", found)
        return Response(refund_body(found))


class IntentView(ApiView):
    """Paying on the page, by the widget's short address."""

    throttle_category = "payments"
    open_methods = frozenset({"POST"})
    cors_methods = frozenset({"POST"})
    key_scopes = {"POST": "payments:write"}

    @operation(
        name="createPaymentIntent",
        summary="Pay on the page, from a widget",
        tag="widget",
        body=PaymentInput,
        answers={201: Output(StartedPaymentBody)},
        takes_booking_token=True,
        can_conflict=True,
        examples=[START],
    )
    @idempotent(scope=booking_of, joins=False)
    def post(self, request: Request) -> Response:
        """Start a payment in the embedded flow; the same wish again returns the same payment."""
        return Response(
            started_body(start_payment(request, flow=Payment.Flow.EMBEDDED)), status=201
        )


class CreateView(ApiView):
    """Paying at the provider's page, by the short address."""

    throttle_category = "payments"
    open_methods = frozenset({"POST"})
    cors_methods = frozenset({"POST"})
    key_scopes = {"POST": "payments:write"}

    @operation(
        name="createHostedPayment",
        summary="Pay at the provider's page",
        tag="widget",
        body=PaymentInput,
        answers={201: Output(StartedPaymentBody)},
        takes_booking_token=True,
        can_conflict=True,
    )
    @idempotent(scope=booking_of, joins=False)
    def post(self, request: Request) -> Response:
        """Start a payment in the hosted flow; the same wish again returns the same payment."""
        return Response(started_body(start_payment(request, flow=Payment.Flow.HOSTED)), status=201)


def _is_test_key(actor: policy.Actor) -> bool:
    return isinstance(actor, policy.KeyCaller) and not actor.is_live


def _request_id(request: Request) -> str:
    """Return the wish's name: the same for each repetition under the caller's key."""
    parts: tuple[Any, ...] = (principal(request), request.headers["Idempotency-Key"])
    return "api:" + hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
