"""The OpenAPI document and the page to browse it."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
from rest_framework.renderers import StaticHTMLRenderer
from rest_framework.request import Request

from common import conditional, json_format
from common.endpoints import ApiView
from common.json_format import JsonRenderer

_documents: dict[str, bytes] = {}


def document() -> bytes:
    """Return the OpenAPI 3.1 document as JSON, made once in this process."""
    if settings.RELEASE not in _documents:
        with override("en"):
            made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # ships no types
        _documents[settings.RELEASE] = json_format.dump(made)
    return _documents[settings.RELEASE]


class SchemaView(ApiView):
    """The document; not part of itself."""

    throttle_category = "general"
    open_methods = frozenset({"GET"})
    cors_methods = frozenset({"GET"})
    schema = None

    def get(self, request: Request) -> HttpResponse:
        """Return the OpenAPI document."""
        body = document()
        return conditional.answer(
            request._request,
            etag=conditional.make_etag(body),
            body=lambda: body,
            max_age=300,
            is_public=True,
        )


class DocsView(ApiView):
    """The page for people."""

    throttle_category = "general"
    open_methods = frozenset({"GET"})
    renderer_classes = [StaticHTMLRenderer, JsonRenderer]
    schema = None

    def get(self, request: Request) -> HttpResponse:
        """Return the page; its scripts and styles are files of this site, as the policy asks."""
        return render(request._request, "common/api_docs.html")
