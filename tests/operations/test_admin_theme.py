"""The theme may not open the admin: a password-only session stays out whatever is installed."""

import subprocess
import sys

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from operations.site import FrontdeskAdminSite
from tests.factories.accounts import UserFactory

_WITH_PLAIN_THEME = """
from django.conf import settings
import django
apps = list(settings.INSTALLED_APPS)
apps[apps.index("unfold.apps.BasicAppConfig")] = "unfold"
settings.INSTALLED_APPS = apps
django.setup()
"""


class TestSite:
    def test_the_site_in_use_is_ours(self) -> None:
        assert isinstance(admin.site, FrontdeskAdminSite)
        assert apps.get_app_config("unfold").__class__.__name__ == "BasicAppConfig"

    def test_its_check_refuses_a_superuser_without_the_factor(self, rf, db: None) -> None:
        request = rf.get("/admin/")
        request.user = UserFactory(is_staff=True, is_superuser=True)

        assert admin.site.has_permission(request) is False

        request.user.is_verified = lambda: True
        assert admin.site.has_permission(request) is True

    @pytest.mark.row("E12")
    @pytest.mark.parametrize("is_superuser", [False, True])
    def test_every_page_refuses_a_password_only_session(self, db: None, is_superuser: bool) -> None:
        client = Client()
        client.force_login(UserFactory(is_staff=True, is_superuser=is_superuser))

        for model in admin.site._registry:
            meta = model._meta
            answer = client.get(f"/admin/{meta.app_label}/{meta.model_name}/")
            assert answer.status_code == 302, model
            assert answer.headers["Location"].startswith("/admin/login/"), model
        for path in ("/admin/", "/admin/search/?s=a", "/admin/jsi18n/"):
            assert client.get(path).status_code == 302, path

    def test_the_program_refuses_to_start_when_the_theme_takes_the_site(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", _WITH_PLAIN_THEME], capture_output=True, text=True, check=False
        )

        assert done.returncode == 1
        assert "the admin site in use does not ask for a second factor" in done.stderr
