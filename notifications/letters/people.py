"""Letters to people about their account and their place in a team."""

from django.utils.translation import gettext as _

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
