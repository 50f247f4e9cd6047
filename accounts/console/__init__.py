"""The admin's base: lists limited to one's business, workflow by buttons, one timeline.

Nothing here knows a domain. An app's `admin.py` names columns, filters and buttons; a button calls
one action of the app.
"""

from accounts.console.admins import Headline, RecordAdmin, ScopedInline, ScopedModelAdmin
from accounts.console.buttons import Button, ButtonForm, Call
from accounts.console.display import badge, facts, link_to, money, pretty, tone_of, zoned
from accounts.console.filters import BusinessTextFilter, ScopedFilter
from accounts.console.person import is_list, person

__all__ = [
    "BusinessTextFilter",
    "Button",
    "ButtonForm",
    "Call",
    "Headline",
    "RecordAdmin",
    "ScopedFilter",
    "ScopedInline",
    "ScopedModelAdmin",
    "badge",
    "facts",
    "is_list",
    "link_to",
    "money",
    "person",
    "pretty",
    "tone_of",
    "zoned",
]
