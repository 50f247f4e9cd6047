"""The API outside its version: the document, its page, and the short addresses of the widget."""

from django.urls import include, path, re_path

from bookings.api import short as bookings
from common.endpoints import NotFoundView
from common.openapi_pages import DocsView, SchemaView
from payments.api import views as payments

urlpatterns = [
    path("schema", SchemaView.as_view(), name="api_schema"),
    path("docs", DocsView.as_view(), name="api_docs"),
    path("v1/", include("config.api_urls")),
    path(
        "availability/<ref:business>",
        bookings.ShortAvailabilityView.as_view(),
        name="api_short_availability",
    ),
    path("bookings", bookings.ShortBookingsView.as_view(), name="api_short_bookings"),
    path("bookings/<id:booking>", bookings.ShortBookingView.as_view(), name="api_short_booking"),
    path("payments/intent", payments.IntentView.as_view(), name="api_short_payment_intent"),
    path("payment/create", payments.CreateView.as_view(), name="api_short_payment_create"),
    re_path(r"", NotFoundView.as_view(), name="api_short_not_found"),
]
