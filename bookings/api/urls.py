"""Addresses of this app's part of the API."""

from django.urls import path

from bookings.api.availability import AvailabilityView
from bookings.api.bookings import BookingsView, BookingView, CancelView, RescheduleView
from bookings.api.catalogue import ServicesView, ServiceView

urlpatterns = [
    path("businesses/<ref:business>/services", ServicesView.as_view(), name="api_services"),
    path(
        "businesses/<ref:business>/services/<ref:service>",
        ServiceView.as_view(),
        name="api_service",
    ),
    path(
        "businesses/<ref:business>/availability",
        AvailabilityView.as_view(),
        name="api_availability",
    ),
    path("bookings", BookingsView.as_view(), name="api_bookings"),
    path("bookings/<id:booking>", BookingView.as_view(), name="api_booking"),
    path("bookings/<id:booking>/cancel", CancelView.as_view(), name="api_booking_cancel"),
    path(
        "bookings/<id:booking>/reschedule",
        RescheduleView.as_view(),
        name="api_booking_reschedule",
    ),
]
