"""Refusals around invitations."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Forbidden


class InvitationEnded(Conflict):
    """It was accepted, withdrawn, or is too old."""

    code = "INVITATION_ENDED"
    message = _("This invitation is not valid any more. Ask for a new one.")


class InvitedAnother(Forbidden):
    """The account's proven addresses are not the one that was invited."""

    code = "INVITED_ANOTHER"
    message = _("This invitation is for another email address. Sign in with that one.")


class AlreadyMember(Conflict):
    """The address belongs to somebody of the team."""

    code = "ALREADY_MEMBER"
    message = _("They are a member already. Change their role instead.")


class SentJustNow(Conflict):
    """An invitation went out a moment ago."""

    code = "SENT_JUST_NOW"
    message = _("The invitation was sent a moment ago. Wait a minute before sending it again.")
