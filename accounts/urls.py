"""Addresses of people's own pages, and of the stylesheet of an accent colour."""

from django.urls import path, re_path

from accounts import views
from accounts.devices import views as devices
from common.accent import accent_stylesheet

urlpatterns = [
    path("account/settings/", views.settings_page, name="account_settings"),
    path("account/devices/", devices.devices, name="account_devices"),
    path(
        "account/devices/others/end/",
        devices.end_other_devices,
        name="account_devices_end_others",
    ),
    path("account/devices/<str:device_id>/end/", devices.end_device, name="account_device_end"),
    re_path(r"^accent/(?P<code>[0-9a-f]{6})\.css$", accent_stylesheet, name="accent_stylesheet"),
]
