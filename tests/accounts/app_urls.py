"""The site's addresses with those of the sign-in API for app clients."""

from django.urls import include, path

from config.urls import *  # noqa: F403  handlers included
from config.urls import urlpatterns as site

urlpatterns = [*site, path("_allauth/", include("allauth.headless.urls"))]
