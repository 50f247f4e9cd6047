"""Where a message's button leads: a registry per kind of object, filled in `apps.py: ready()`.

The app that owns the object knows its pages and signs a guest's link; messages only ask.
"""

from collections.abc import Callable

from django.conf import settings

# Takes the object's public id and the audience ("customer" or "desk"); returns an address, absolute
# or a path of this site. A customer's address must work without signing in.
LinkBuilder = Callable[[str, str], str]

_builders: dict[str, LinkBuilder] = {}


def register(prefix: str, builder: LinkBuilder) -> None:
    """Say how objects of the id prefix (such as `bkg`) are linked to; replaces an earlier one."""
    _builders[prefix] = builder


def address_of(subject: str, audience: str) -> str:
    """Return the absolute address of the object's page for the audience, else the site's."""
    builder = _builders.get(subject.partition("_")[0])
    found = builder(subject, audience) if builder else "/"
    return f"{settings.SITE_URL}{found}" if found.startswith("/") else found
