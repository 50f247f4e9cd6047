"""Addresses of the operators' pages."""

from django.urls import path
from django.views.generic import TemplateView

from operations import health
from operations.styleguide import styleguide

urlpatterns = [
    path("health", health.health, name="health"),
    path("health/db", health.database, name="health_db"),
    path("health/redis", health.redis, name="health_redis"),
    path("health/rabbitmq", health.broker, name="health_broker"),
    path("terms/", TemplateView.as_view(template_name="operations/terms.html"), name="terms"),
    path("privacy/", TemplateView.as_view(template_name="operations/privacy.html"), name="privacy"),
    path("styleguide", styleguide, name="styleguide"),
]
