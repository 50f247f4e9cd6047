"""Which API methods a page of any origin may call: those that are public and need no sign-in.

Credentials are never allowed across origins. Other methods answer configured origins only.
"""

from typing import Any

from corsheaders.signals import check_request_enabled
from django.http import HttpRequest
from django.urls import Resolver404, resolve


def is_open_to_any_origin(request: HttpRequest) -> bool:
    """Say whether the method asked for is open to pages of any origin; a preflight names it."""
    method = request.method
    if method == "OPTIONS":
        method = request.headers.get("Access-Control-Request-Method", "")
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    allowed: frozenset[str] = getattr(getattr(view, "cls", None), "cors_methods", frozenset())
    return method in allowed or (method == "HEAD" and "GET" in allowed)


def _decide(sender: Any, request: HttpRequest, **_: Any) -> bool:
    return is_open_to_any_origin(request)


def connect() -> None:
    """Ask `is_open_to_any_origin` at each request with an Origin; repeats safely."""
    check_request_enabled.connect(_decide, dispatch_uid="common.cors")
