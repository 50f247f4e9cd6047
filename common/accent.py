"""The stylesheet of one accent colour.

A stylesheet of its own keeps inline styles out of pages whose policy refuses them.
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from common.colour import accent_pair


@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def accent_stylesheet(request: HttpRequest, code: str) -> HttpResponse:
    """
    Serve the accent roles of one colour (`code`: six hex digits).

    The address holds the whole input, so the answer never changes and needs no database.
    """
    css = f":root{{{accent_pair(f'#{code}').css()}}}"
    return HttpResponse(css, content_type="text/css; charset=utf-8")
