"""A Celery application that only publishes, with limits that make a dead broker cheap."""

import functools

from celery import Celery
from django.conf import settings


@functools.cache
def publisher_app() -> Celery:
    """Return the process's publishing application; a frozen broker costs it half a second."""
    app = Celery("frontdesk-publisher", set_as_current=False)
    app.conf.update(
        broker_url=settings.CELERY_BROKER_URL,
        broker_use_ssl=settings.CELERY_BROKER_USE_SSL,
        broker_connection_timeout=0.2,
        broker_transport_options=settings.CELERY_PUBLISH_TRANSPORT_OPTIONS,
        task_ignore_result=True,
        task_create_missing_queues=True,
    )
    return app
