"""Addresses of the inbound door, each also without `/api` and with a trailing slash.

Providers treat a redirect as a failure, so every spelling answers itself.
"""

from django.urls import URLPattern, re_path

from webhooks import views

_GATEWAY = r"(?P<gateway>[a-z][a-z0-9_]{1,31})"
_ENDPOINT = r"(?P<endpoint_id>[A-Za-z0-9_]{1,64})"

urlpatterns: list[URLPattern] = [
    re_path(rf"^(?:api/)?webhooks/{_GATEWAY}/?$", views.receive, name="inbound_webhook"),
    re_path(
        rf"^(?:api/)?webhooks/{_GATEWAY}/{_ENDPOINT}/?$",
        views.receive,
        name="inbound_webhook_endpoint",
    ),
]
