"""Addresses of people's own pages, and of the stylesheet of an accent colour."""

from django.urls import path, re_path

from accounts import views
from common.accent import accent_stylesheet

urlpatterns = [
    path("account/settings/", views.settings_page, name="account_settings"),
    re_path(r"^accent/(?P<code>[0-9a-f]{6})\.css$", accent_stylesheet, name="accent_stylesheet"),
]
