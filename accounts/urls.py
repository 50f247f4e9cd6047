"""Addresses of people's own pages, and of the stylesheet of an accent colour."""

from django.urls import path, re_path

from accounts import views
from accounts.privacy import views as privacy
from common.accent import accent_stylesheet

urlpatterns = [
    path("account/settings/", views.settings_page, name="account_settings"),
    path("account/data/", privacy.data_page, name="account_data"),
    path("account/data/export/", privacy.request_export, name="account_export"),
    path("account/data/export/<str:token>/", privacy.export_file, name="account_export_file"),
    path("account/data/erase/", privacy.erase, name="account_erase"),
    re_path(r"^accent/(?P<code>[0-9a-f]{6})\.css$", accent_stylesheet, name="accent_stylesheet"),
]
