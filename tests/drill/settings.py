"""Settings of the processes a drill starts: production's ways, with an app that leaves traces."""

from config.settings.test import *

INSTALLED_APPS = [*INSTALLED_APPS, "tests.drill.apps.DrillConfig"]
EVENTS_PUBLISH_NUDGES = True
EVENTS_CHECK_DATA = False
# Short, so that what a killed worker held comes back within the drill.
WORK_LEASE_SECONDS = {"critical": 10, "default": 10, "bulk": 10}
