"""The app that a drill's processes have on top of the product's."""

from django.apps import AppConfig


class DrillConfig(AppConfig):
    name = "tests.drill"

    def ready(self) -> None:
        from events import registry
        from tests.drill import ticks

        registry.add_types(ticks.TICK)
        registry.add_reactions(*ticks.REACTIONS_OF_PROCESSES)
