"""Addresses of the pages of visitors, customers and owners."""

from django.urls import path

from bookings.views import (
    access,
    account,
    booking,
    changing,
    choosing,
    conversation,
    details,
    public,
)

_ONE = "bookings/<str:booking_id>/"

urlpatterns = [
    path("", public.home, name="home"),
    path("b/<slug:slug>/", public.business_page, name="business"),
    path("b/<slug:slug>/<slug:service_slug>/", choosing.service_page, name="service"),
    path("b/<slug:slug>/<slug:service_slug>/book/", details.details_page, name="booking_details"),
    path("go/<str:token>/", access.guest_link, name="guest_link"),
    path(_ONE, booking.booking_page, name="booking"),
    path(f"{_ONE}pay/", booking.pay, name="booking_pay"),
    path(f"{_ONE}cancel/", changing.cancel, name="booking_cancel"),
    path(f"{_ONE}reschedule/", changing.reschedule, name="booking_reschedule"),
    path(f"{_ONE}messages/", conversation.messages_page, name="booking_messages"),
    path(f"{_ONE}calendar.ics", changing.calendar_file, name="booking_calendar_file"),
    path("account/", account.account_home, name="account_home"),
]
