"""Common building blocks that know nothing of the domain."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Money, time, public ids, encrypted fields, errors, logs, cache."""

    name = "common"

    def ready(self) -> None:
        """Make the path parts of addresses known, and who may call from another origin."""
        from common import converters, cors, rotation
        from common.models import IdempotencyRecord

        rotation.register(IdempotencyRecord, "body")
        converters.register()
        cors.connect()
