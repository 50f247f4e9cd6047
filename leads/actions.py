"""Every write to leads: capture, assign, talk, move on.

Nothing outside this module saves a Lead. The lead's row is locked before each step.
"""

from django.db import transaction

from accounts.actions import record_audit, resolve_contact
from accounts.models import Business, Membership, User
from common.errors import ValidationFailed
from events import actions as events
from leads import events as lead_events
from leads.errors import LeadClosed, ReasonMissing
from leads.models import Communication, Lead

_CLOSED = {Lead.Stage.WON, Lead.Stage.LOST}


@transaction.atomic
def capture_lead(
    *,
    business: Business,
    name: str,
    email: str,
    message: str,
    phone: str = "",
    locale: str = "en",
    source: str = "site",
    user: User | None = None,
) -> Lead:
    """Keep an enquiry and its first message; raises ValidationFailed without a message."""
    if not message.strip():
        raise ValidationFailed(details=[{"field": "message", "message": "Write a message."}])
    contact = resolve_contact(
        business=business, name=name, email=email, phone=phone, locale=locale, user=user
    )
    lead = Lead.objects.create(
        business=business, contact=contact, message=message.strip(), source=source
    )
    Communication.objects.create(
        lead=lead,
        direction=Communication.Direction.INCOMING,
        channel=Communication.Channel.SITE,
        body=lead.message,
        author=user,
    )
    actor = user.public_id if user else contact.public_id
    events.record(lead_events.happened(lead_events.CREATED, lead, actor=actor))
    return lead


def _lock(lead_id: int) -> Lead:
    lead = (
        Lead.objects.select_for_update(of=("self",))
        .select_related("business", "contact")
        .get(pk=lead_id)
    )
    if lead.stage in _CLOSED:
        raise LeadClosed
    return lead


@transaction.atomic
def assign_lead(*, lead_id: int, membership: Membership, actor: str) -> Lead:
    """Give the lead to a member of its business; the same member again changes nothing.

    Raises LeadClosed, and ValidationFailed for a member of another business.
    """
    lead = _lock(lead_id)
    if membership.business_id != lead.business_id:
        raise ValidationFailed(
            details=[{"field": "assigned_to", "message": "Choose a member of this business."}]
        )
    if lead.assigned_to_id == membership.pk:
        return lead
    lead.assigned_to = membership
    lead.version += 1
    lead.save(update_fields=["assigned_to", "version"])
    record_audit(
        actor=actor,
        action="lead.assign",
        business=lead.business.public_id,
        subject=lead.public_id,
        after={"assigned_to": membership.user.public_id},
    )
    events.record(lead_events.happened(lead_events.ASSIGNED, lead, actor=actor))
    return lead


@transaction.atomic
def log_communication(
    *, lead_id: int, channel: str, direction: str, body: str, author: User
) -> Communication:
    """Add what was said; an open lead is then in conversation. Raises LeadClosed."""
    lead = _lock(lead_id)
    entry = Communication.objects.create(
        lead=lead, channel=channel, direction=direction, body=body, author=author
    )
    if lead.stage == Lead.Stage.OPEN:
        _move(lead, Lead.Stage.WORKING, actor=author.public_id)
    return entry


@transaction.atomic
def close_lead(*, lead_id: int, is_won: bool, actor: str, reason: str = "") -> Lead:
    """End the follow-up. Raises LeadClosed, and ReasonMissing for a lost lead without a reason."""
    lead = _lock(lead_id)
    if not is_won and not reason.strip():
        raise ReasonMissing
    lead.lost_reason = "" if is_won else reason.strip()
    _move(lead, Lead.Stage.WON if is_won else Lead.Stage.LOST, actor=actor)
    return lead


def _move(lead: Lead, stage: Lead.Stage, *, actor: str) -> None:
    lead.stage = stage
    lead.version += 1
    lead.save(update_fields=["stage", "lost_reason", "version"])
    events.record(lead_events.happened(lead_events.STAGE_CHANGED, lead, actor=actor))
