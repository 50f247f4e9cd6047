"""REST: what a business offers."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from accounts import policy
from accounts.callers import caller_of
from accounts.models import Business
from accounts.profiles import find_profile
from bookings import queries
from bookings.api.bodies import ServiceBody, ServicesBody, services_body
from common import conditional, json_format
from common.endpoints import ApiView
from common.errors import NotFound
from common.openapi import Output, operation

MAX_AGE = 60


def _business(request: Request, ref: str) -> Business:
    profile = find_profile(ref)
    if not profile.is_active:
        policy.require(caller_of(request), "view", profile)
    return profile


def _answer(request: Request, business: Business, body: dict[str, Any]) -> HttpResponse:
    content = json_format.dump(body)
    return conditional.answer(
        request._request,
        etag=conditional.make_etag(content),
        body=lambda: content,
        max_age=MAX_AGE,
        is_public=business.is_active,
    )


class ServicesView(ApiView):
    """The services of a business."""

    throttle_category = "general"
    open_methods = frozenset({"GET"})
    cors_methods = frozenset({"GET"})

    @operation(
        name="listServices",
        summary="List services",
        tag="services",
        answers={200: Output(ServicesBody), 304: None},
        is_open=True,
        may_refuse=True,
    )
    def get(self, request: Request, business: str) -> HttpResponse:
        """Return the services on offer with their tiers and performers; kept ten minutes."""
        owner = _business(request, business)
        body = services_body(queries.catalogue(owner), site=settings.SITE_URL)
        return _answer(request, owner, body)


class ServiceView(ApiView):
    """One service."""

    throttle_category = "general"
    open_methods = frozenset({"GET"})
    cors_methods = frozenset({"GET"})

    @operation(
        name="getService",
        summary="Read a service",
        tag="services",
        answers={200: Output(ServiceBody), 304: None},
        is_open=True,
        may_refuse=True,
    )
    def get(self, request: Request, business: str, service: str) -> HttpResponse:
        """Return one service on offer, by slug or id."""
        owner = _business(request, business)
        for item in services_body(queries.catalogue(owner), site=settings.SITE_URL)["data"]:
            if service in {item["slug"], item["id"]}:
                return _answer(request, owner, item)
        raise NotFound
