"""The event log, reactions and the relay."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """Registers the reactions' own kind of work."""

    name = "events"

    def ready(self) -> None:
        """Let the relay run reactions."""
        from events import reactions, registry

        registry.add_kind(reactions.KIND)
