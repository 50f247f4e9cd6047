"""Health, the admin site, demo data and the running of the whole."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """The app on top of all others."""

    name = "operations"
    verbose_name = _("Operations")

    def ready(self) -> None:
        """Join what lies side by side, fill the admin's first page, start error reports."""
        from operations import labels, naming, sentry, site, tiles, wiring, wording

        site.require_in_use()
        wiring.connect()
        naming.connect()
        wording.connect()
        labels.translate()
        sentry.start()
        tiles.register()


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin with a site that demands a second factor."""

    default = False
    default_site = "operations.site.FrontdeskAdminSite"
