"""Letters to people about their account and their place in a team."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Invitation, Role
from accounts.team.queries import find_invitation
from notifications import links
from notifications.letters.base import Letter, Scene


def registered(scene: Scene) -> Letter:
    """Welcome somebody who just proved their address."""
    return Letter(
        title=_("Welcome to Frontdesk"),
        lead=_("Your account is ready. Tell us your name, and booking takes half a minute."),
        button=(_("Complete your profile"), scene.link(scene.event.subject)),
        note=_(
            "What you booked with this address is in your account. Do you run a business? "
            "Your profile page leads on to its set-up."
        ),
        tone="good",
    )


def _role(value: str) -> str:
    return str(Role(value).label)


def _names(scene: Scene, **more: Any) -> dict[str, Any]:
    return {"business": scene.business.name, "role": _role(scene.data["role"]), **more}


def invited(scene: Scene) -> Letter:
    """Ask somebody to join the team; the link is theirs alone."""
    found: Invitation | None = find_invitation(scene.event.subject)
    names = _names(scene, inviter=str(found.invited_by) if found and found.invited_by else "")
    lead = (
        _("%(inviter)s asks you to join the team of %(business)s.")
        if names["inviter"]
        else _("You are asked to join the team of %(business)s.")
    )
    return Letter(
        title=_("Join %(business)s as %(role)s") % names,
        lead=lead % names,
        rows=((_("Your role"), names["role"]),),
        button=(_("See the invitation"), scene.link(scene.event.subject)),
        note=_("The link is for this address, works once and for seven days."),
        tone="neutral",
    )


def joined(scene: Scene) -> Letter:
    """Tell the owners that an invited person is there."""
    found = find_invitation(scene.event.subject)
    who = str(found.accepted_by) if found and found.accepted_by else _("Somebody you invited")
    names = _names(scene, who=who)
    return Letter(
        title=_("%(who)s joined %(business)s") % names,
        lead=_("%(who)s took up your invitation as %(role)s.") % names,
        button=(_("See the team"), _team(scene)),
        tone="good",
    )


def role_changed(scene: Scene) -> Letter:
    """Tell a member what they may do now."""
    names = _names(scene)
    return Letter(
        title=_("You are now %(role)s at %(business)s") % names,
        lead=_("Your role at %(business)s changed.") % names,
        rows=((_("Your role"), names["role"]), (_("Before"), _role(scene.data["previous_role"]))),
        button=(_("See the team"), _team(scene)),
    )


def removed(scene: Scene) -> Letter:
    """Tell somebody that their access ended."""
    names = {"business": scene.business.name}
    return Letter(
        title=_("You are no longer in the team of %(business)s") % names,
        lead=_("Your access to %(business)s has ended. Your own account and bookings stay.")
        % names,
        button=(_("My bookings"), scene.link(scene.event.subject)),
        tone="attention",
    )


def _team(scene: Scene) -> str:
    return links.address_of(scene.business.public_id, "team")
