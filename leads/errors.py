"""Refusals of this app."""

from django.utils.translation import gettext_lazy as _

from common.errors import IllegalTransition, ValidationFailed


class LeadClosed(IllegalTransition):
    """A won or lost lead takes no further step."""

    message = _("This lead is closed. Ask the customer to write again, which opens a new one.")


class ReasonMissing(ValidationFailed):
    """A lead is lost for a reason."""

    code = "REASON_REQUIRED"
    message = _("Say why the lead was lost.")
