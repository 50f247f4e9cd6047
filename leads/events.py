"""Facts about leads."""

from typing_extensions import TypedDict

from events.types import EventType, NewEvent
from leads.models import Lead


class LeadData(TypedDict):
    """A lead as outsiders may see it: no message text, no contact details."""

    id: str
    business: str
    contact: str
    source: str
    stage: str
    version: int


_SAMPLE: LeadData = {
    "id": "led_01kac3w1v5h0e8y2r7m4q9t6zd",
    "business": "biz_01kac3w1v5h0e8y2r7m4q9t6zd",
    "contact": "ctc_01kac3w1v5h0e8y2r7m4q9t6zd",
    "source": "site",
    "stage": "open",
    "version": 1,
}

CREATED = EventType("lead.created", LeadData, "Somebody sent an enquiry.", _SAMPLE)
ASSIGNED = EventType("lead.assigned", LeadData, "A member took or was given the lead.", _SAMPLE)
STAGE_CHANGED = EventType(
    "lead.stage_changed", LeadData, "The follow-up moved on.", {**_SAMPLE, "stage": "working"}
)
TYPES = (CREATED, ASSIGNED, STAGE_CHANGED)


def payload(lead: Lead) -> LeadData:
    """Return the facts of a lead."""
    return {
        "id": lead.public_id,
        "business": lead.business.public_id,
        "contact": lead.contact.public_id,
        "source": lead.source,
        "stage": lead.stage,
        "version": lead.version,
    }


def happened(event_type: EventType, lead: Lead, *, actor: str) -> NewEvent:
    """Return a fact of the given type about the lead."""
    return NewEvent(event_type, lead.business.public_id, lead.public_id, payload(lead), actor)
