"""Addresses of people's own pages, and of the stylesheet of an accent colour."""

from django.urls import path, re_path

from accounts import views
from accounts.devices import views as devices
from accounts.onboarding import views as onboarding
from accounts.privacy import views as privacy
from accounts.team import views as team
from common.accent import accent_stylesheet

urlpatterns = [
    path("account/settings/", views.settings_page, name="account_settings"),
    path("account/data/", privacy.data_page, name="account_data"),
    path("account/data/export/", privacy.request_export, name="account_export"),
    path("account/data/export/<str:token>/", privacy.export_file, name="account_export_file"),
    path("account/data/erase/", privacy.erase, name="account_erase"),
    path("account/welcome/", onboarding.welcome, name="account_welcome"),
    path("setup/", onboarding.begin, name="setup"),
    path("setup/address/", onboarding.address, name="setup_address"),
    path("setup/<slug:slug>/", onboarding.resume, name="setup_resume"),
    path("setup/<slug:slug>/finish/", onboarding.finish, name="setup_finish"),
    path("setup/<slug:slug>/open/", onboarding.open_page, name="setup_open"),
    path("setup/<slug:slug>/<slug:step>/", onboarding.step_page, name="setup_step"),
    path("join/<str:token>/", team.invitation_page, name="invitation"),
    path("account/devices/", devices.devices, name="account_devices"),
    path(
        "account/devices/others/end/",
        devices.end_other_devices,
        name="account_devices_end_others",
    ),
    path("account/devices/<str:device_id>/end/", devices.end_device, name="account_device_end"),
    re_path(r"^accent/(?P<code>[0-9a-f]{6})\.css$", accent_stylesheet, name="accent_stylesheet"),
]
