"""Addresses of the operators' pages."""

from django.urls import path

from operations import health

urlpatterns = [
    path("health", health.health, name="health"),
    path("health/db", health.database, name="health_db"),
    path("health/redis", health.redis, name="health_redis"),
    path("health/rabbitmq", health.broker, name="health_broker"),
]
