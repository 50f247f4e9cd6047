"""Common building blocks that know nothing of the domain."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Money, time, public ids, encrypted fields, errors, logs, cache."""

    name = "common"
