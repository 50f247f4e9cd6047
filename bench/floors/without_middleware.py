"""The product without any middleware, to read what the stack costs.

The setting is emptied after the apps were loaded: some of them insist on their middleware.
"""

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

django.setup(set_prefix=False)
settings.MIDDLEWARE = []

application = WSGIHandler()
