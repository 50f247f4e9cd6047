"""Letters to the people who run a business: welcome, enquiries, channels that gave up."""

from django.conf import settings
from django.utils.translation import gettext as _

from notifications.letters.base import Letter, Scene


def welcome(scene: Scene) -> Letter:
    """Tell the owner that the page is open."""
    return Letter(
        title=_("%(business)s is ready") % {"business": scene.business.name},
        lead=_("%(business)s now has a page where customers can book.")
        % {"business": scene.business.name},
        rows=((_("Your page"), f"{settings.SITE_URL}/book/{scene.business.slug}"),),
        button=(_("Set up services and hours"), scene.link(scene.business.public_id)),
        tone="good",
    )


def lead_created(scene: Scene) -> Letter:
    """Say that somebody asked."""
    return Letter(
        title=_("New enquiry from %(customer)s") % {"customer": scene.customer_name},
        lead=_("%(customer)s sent an enquiry and waits for an answer.")
        % {"customer": scene.customer_name},
        button=(_("Open the enquiry"), scene.link(str(scene.data["id"]))),
        tone="attention",
    )


def channel_disabled(scene: Scene) -> Letter:
    """Say that a channel is not written to any more."""
    return Letter(
        title=_("Notifications to %(channel)s stopped") % {"channel": scene.data["name"]},
        lead=_("%(channel)s refused our messages, so we stopped writing to it.")
        % {"channel": scene.data["name"]},
        rows=((_("Reason"), str(scene.data["reason"])),),
        button=(_("Connect it again"), scene.link(scene.event.subject)),
        tone="bad",
    )
