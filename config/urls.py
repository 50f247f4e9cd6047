"""Every address of the product; each app owns its own part."""

from allauth.account.decorators import reauthentication_required
from allauth.account.views import password_set
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("webhooks.urls")),
    path("api/auth/", include("allauth.headless.urls")),
    path("api/", include("config.api_short_urls")),
    path("", include("operations.urls")),
    path("", include("accounts.urls")),
    path("", include("notifications.urls")),
    path("", include("payments.urls")),
    path("", include("bookings.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    # The library asks for the old password where there is one, and here for nothing.
    path(
        "account/auth/password/set/",
        reauthentication_required(app="allauth.account")(password_set),
        name="account_set_password",
    ),
    path("account/auth/", include("allauth.urls")),
]
handler400 = "common.views.bad_request"
handler403 = "common.views.forbidden"
handler404 = "common.views.not_found"
handler500 = "common.views.server_error"
