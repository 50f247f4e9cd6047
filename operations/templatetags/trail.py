"""Where in the admin a page stands: group of the side bar, list, object."""

from typing import Any

from django import template
from django.contrib import admin
from django.db.models import Model
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst

from operations import navigation

register = template.Library()


@register.simple_tag(takes_context=True)
def trail(context: Context) -> list[dict[str, str]]:
    """Return the steps to this page, each with a title and, where it is a page, a link."""
    opts = context.get("opts")
    if opts is None:
        title = context.get("content_title") or context.get("title")
        return [{"title": str(title)}] if title else []
    steps: list[dict[str, str]] = []
    if group := navigation.group_of(opts.label):
        steps.append({"title": group})
    item = context.get("original")
    is_list = context.get("cl") is not None
    title = capfirst(str(opts.verbose_name_plural))
    steps.append({"title": title} if is_list else {"title": title, "link": _list_of(opts)})
    if isinstance(item, Model):
        steps.append({"title": _title_of(item)})
    elif not is_list and context.get("title"):
        steps.append({"title": capfirst(str(context["title"]))})
    return steps


def _title_of(item: Model) -> str:
    # Asked for by name: the theme loads this module before the admin's base classes exist.
    headline = getattr(admin.site._registry.get(type(item)), "headline", None)
    return str(headline(item).title) if headline else str(item)


def _list_of(opts: Any) -> str:
    try:
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    except NoReverseMatch:
        return reverse("admin:index")
