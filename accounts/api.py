"""REST: businesses open to the public, and the account that is signed in."""

from typing import Annotated

from django.conf import settings
from django.db.models import Q
from django.http import HttpResponse
from django.urls import path
from pydantic import Field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from accounts import policy
from accounts.callers import caller_of
from accounts.events import BusinessData, business_payload
from accounts.models import Business, Membership, Role, User
from accounts.profiles import find_profile
from common import conditional, json_format
from common.bodies import page_body
from common.endpoints import ApiView, read
from common.errors import NotSignedIn
from common.openapi import Output, operation, page_of
from common.pagination import paginate
from common.serializers import PageQuery

PROFILE_MAX_AGE = 60


class BusinessBody(BusinessData):
    """A business's public profile."""

    locale: str
    tagline: str
    description: str
    email: str
    phone: str
    address: str
    website: str
    accent: Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")]
    logo: Annotated[str | None, Field(description="Address of the picture, if there is one.")]


class MembershipBody(TypedDict):
    """A place in a business."""

    business: str
    slug: str
    name: str
    role: Annotated[str, Field(json_schema_extra={"enum": list(Role.values)})]


class MeBody(TypedDict):
    """The account that is signed in."""

    id: str
    email: str
    full_name: str
    phone: str
    locale: str
    timezone: str
    memberships: list[MembershipBody]


class BusinessQuery(PageQuery):
    """The query of the list of businesses."""

    search = serializers.CharField(
        required=False, default="", max_length=100, help_text="A word in the name or the one line."
    )


def business_body(business: Business) -> BusinessBody:
    """Return what anybody may read of a business."""
    return {
        **business_payload(business),
        "locale": business.locale,
        "tagline": business.tagline,
        "description": business.description,
        "email": business.email,
        "phone": business.phone,
        "address": business.address,
        "website": business.website,
        "accent": business.accent,
        "logo": settings.SITE_URL + business.logo.url if business.logo else None,
    }


def me_body(user: User) -> MeBody:
    """Return the account with its places in businesses; one statement."""
    rows = Membership.objects.filter(user=user).select_related("business").order_by("id")
    return {
        "id": user.public_id,
        "email": user.email,
        "full_name": user.full_name,
        "phone": user.phone,
        "locale": user.locale,
        "timezone": user.timezone,
        "memberships": [
            {
                "business": row.business.public_id,
                "slug": row.business.slug,
                "name": row.business.name,
                "role": row.role,
            }
            for row in rows
        ],
    }


class BusinessListView(ApiView):
    """The businesses anybody may book."""

    throttle_category = "general"
    open_methods = frozenset({"GET"})
    cors_methods = frozenset({"GET"})

    @operation(
        name="listBusinesses",
        summary="List businesses",
        tag="businesses",
        query=BusinessQuery,
        answers={200: page_of(BusinessBody)},
        is_open=True,
    )
    def get(self, request: Request) -> Response:
        """Return a page of active businesses by name."""
        query = read(BusinessQuery, request.query_params)
        rows = policy.visible_to(caller_of(request), Business.objects.filter(is_active=True))
        if query["search"]:
            word = query["search"]
            rows = rows.filter(Q(name__icontains=word) | Q(tagline__icontains=word))
        page = paginate(
            rows,
            order=("name", "id"),
            scope=f"businesses:{query['search']}",
            cursor=query["cursor"],
            limit=query["limit"],
        )
        return Response(
            page_body([business_body(row) for row in page.rows], page.next_cursor),
            headers={"Cache-Control": "public, max-age=60"},
        )


class BusinessView(ApiView):
    """One business."""

    throttle_category = "general"
    open_methods = frozenset({"GET"})
    cors_methods = frozenset({"GET"})

    @operation(
        name="getBusiness",
        summary="Read a business",
        tag="businesses",
        answers={200: Output(BusinessBody), 304: None},
        is_open=True,
        may_refuse=True,
    )
    def get(self, request: Request, business: str) -> HttpResponse:
        """Return the public profile by slug or id; answers 304 to a holder of this version."""
        profile = find_profile(business)
        if not profile.is_active:
            policy.require(caller_of(request), "view", profile)
        body = business_body(profile)
        return conditional.answer(
            request._request,
            etag=conditional.make_etag("business", body["id"], body["version"], body["logo"]),
            body=lambda: json_format.dump(body),
            max_age=PROFILE_MAX_AGE,
            is_public=profile.is_active,
        )


class MeView(ApiView):
    """The caller."""

    throttle_category = "general"

    @operation(name="getMe", summary="Read my account", tag="me", answers={200: Output(MeBody)})
    def get(self, request: Request) -> Response:
        """Return the account that is signed in and its places in businesses."""
        if not isinstance(request.user, User):
            raise NotSignedIn
        return Response(me_body(request.user))


urlpatterns = [
    path("businesses", BusinessListView.as_view(), name="api_businesses"),
    path("businesses/<ref:business>", BusinessView.as_view(), name="api_business"),
    path("me", MeView.as_view(), name="api_me"),
]
