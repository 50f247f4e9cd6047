"""The admin site: theme, second factor."""

from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite


class FrontdeskAdminSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold ships no types
    """Unfold's site, open only to staff whose session has passed the second factor.

    The theme's own app configuration would replace this site silently; `BasicAppConfig` does not.
    """

    site_title = "Frontdesk"
    site_header = "Frontdesk"

    def has_permission(self, request: HttpRequest) -> bool:
        """Ask for an active staff account and a verified second factor."""
        user = request.user
        is_verified = getattr(user, "is_verified", None)
        return bool(super().has_permission(request) and is_verified and is_verified())
