"""How the admin looks: names, colours, side bar, search. Part of the base settings."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

UNFOLD = {
    "SITE_TITLE": "Frontdesk",
    "SITE_HEADER": "Frontdesk",
    "SITE_SUBHEADER": _("Staff console"),
    "SITE_URL": "/",
    "SITE_ICON": lambda _request: static("frontdesk/img/mark.svg"),
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _request: static("frontdesk/img/mark.svg"),
        }
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": False,
    "STYLES": [lambda _request: static("frontdesk/css/admin.css")],
    "SCRIPTS": [lambda _request: static("frontdesk/js/admin.js")],
    "BORDER_RADIUS": "8px",
    # The site's accent, from its lightest tint to its darkest shade.
    "COLORS": {
        "primary": {
            "50": "#eef2ff",
            "100": "#e0e7ff",
            "200": "#c7d2fe",
            "300": "#a5b8fc",
            "400": "#7b96ff",
            "500": "#5a78f0",
            "600": "#3454d1",
            "700": "#2c48b6",
            "800": "#263c92",
            "900": "#223473",
            "950": "#161f47",
        }
    },
    "ACCOUNT": {
        "navigation": [
            {"title": _("Your settings"), "link": "/account/settings/"},
            {"title": _("Second factor"), "link": "/account/auth/2fa/"},
        ]
    },
    "COMMAND": {"search_callback": "operations.home.search"},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": "operations.navigation.sidebar",
    },
}
