"""Addresses of this app's part of the API."""

from django.urls import path

from payments.api.views import PaymentsView, PaymentView, RefundsView, RefundView

urlpatterns = [
    path("payments", PaymentsView.as_view(), name="api_payments"),
    path("payments/<id:payment>", PaymentView.as_view(), name="api_payment"),
    path("refunds", RefundsView.as_view(), name="api_refunds"),
    path("refunds/<id:refund>", RefundView.as_view(), name="api_refund"),
]
