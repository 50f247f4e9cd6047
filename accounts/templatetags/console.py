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
    name = cl.model_admin.older_by
    value = getattr(rows[-1], name)
    lookup = f"{name}__lt" if name == "id" else f"{name}__lte"
    written = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return str(cl.get_query_string({lookup: written}, [PAGE_VAR]))
