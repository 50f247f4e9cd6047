"""Addresses of the REST API, version 1; each app owns its own part."""

from django.urls import include, path, re_path

from common.endpoints import NotFoundView

urlpatterns = [
    path("", include("accounts.api")),
    path("", include("accounts.team.api")),
    path("", include("accounts.api_keys.api")),
    path("", include("accounts.devices.api")),
    path("", include("bookings.api.urls")),
    path("", include("payments.api.urls")),
    re_path(r"", NotFoundView.as_view(), name="api_not_found"),
]
