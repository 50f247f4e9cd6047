"""Template tags of the admin's lists."""

from typing import Any

from django import template
from django.contrib.admin.views.main import PAGE_VAR

register = template.Library()


@register.simple_tag
def older_url(cl: Any) -> str:
    """Return the address of the list starting after the last row of this page, by key."""
    rows = list(cl.result_list)
    if not rows:
        return "?"
    first = (cl.queryset.query.order_by or ("-id",))[0]
    name = first.lstrip("-")
    if name in {"pk", "id"} or not hasattr(rows[-1], name):
        name = "id"
    value = getattr(rows[-1], name)
    # A key is met once; another value may be shared with rows of the next page.
    lookup = f"{name}__" + ("l" if first.startswith("-") else "g") + ("t" if name == "id" else "te")
    written = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return str(cl.get_query_string({lookup: written}, [PAGE_VAR]))
