"""Every route of the API, found by walking the resolver."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from common.endpoints import ApiView


@dataclass(frozen=True)
class Route:
    name: str
    path: str
    view: Any

    @property
    def methods(self) -> list[str]:
        allowed = self.view.view_class.http_method_names
        found = [m for m in ("get", "post", "put", "patch", "delete") if hasattr(self.view.cls, m)]
        return [method.upper() for method in found if method in allowed]


def _walk(patterns: list[Any], prefix: str) -> Iterator[Route]:
    for item in patterns:
        path = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from _walk(item.url_patterns, path)
        elif isinstance(item, URLPattern) and path.startswith("api/"):
            yield Route(str(item.name), path, item.callback)


def api_routes() -> list[Route]:
    """All addresses under /api/ but inbound notices and the sign-in of apps, doors of their own."""
    found = _walk(get_resolver().url_patterns, "")
    return [route for route in found if not route.path.startswith(("api/webhooks/", "api/auth/"))]


def is_api_view(route: Route) -> bool:
    view_class = getattr(route.view, "cls", None)
    return isinstance(view_class, type) and issubclass(view_class, ApiView)
