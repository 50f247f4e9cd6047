"""The sandbox's hosted page; it exists only where the sandbox does."""

from django.urls import URLPattern, path

from payments import views
from payments.gateways.registry import is_sandbox_allowed

urlpatterns: list[URLPattern] = (
    [path("sandbox/pay/<str:token>/", views.sandbox_page, name="sandbox_page")]
    if is_sandbox_allowed()
    else []
)
