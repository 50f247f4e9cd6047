"""How the relay processes a stored notice."""

from events import registry
from events.errors import GiveUp
from events.lanes import Lane
from webhooks import sources
from webhooks.errors import MalformedNotice, UnknownEndpoint
from webhooks.models import InboundEvent


def process(event: InboundEvent) -> None:
    """Apply one stored notice and keep what came of it."""
    try:
        source = sources.get(event.provider)
        outcome = source.process(event)
    except UnknownEndpoint as error:
        raise GiveUp(f"no installed gateway is named {event.provider}") from error
    except MalformedNotice as error:
        raise GiveUp("the notice does not have the shape its provider documents") from error
    InboundEvent.objects.filter(pk=event.pk).update(outcome=outcome)


KIND = registry.WorkKind(model=InboundEvent, run=process, lanes=(Lane.CRITICAL,))
