"""What happens when a fact about an account was recorded: its owner is told by mail."""

from django.conf import settings
from django.utils import translation

from accounts.mails import change_mail
from accounts.models import User
from events import registry
from events.models import Event


@registry.fact("accounts.tell_security_change", on="user.security_changed")
def tell_security_change(event: Event) -> None:
    """Mail the person what changed about their sign-in. A crash while sending may send it twice."""
    user = User.objects.filter(public_id=event.subject, is_active=True).first()
    if user is None:
        return
    with translation.override(user.locale):
        mail = change_mail(
            change=event.data["change"],
            at=event.at,
            timezone=user.timezone or "UTC",
            sender=settings.DEFAULT_FROM_EMAIL,
            to=user.email,
        )
        if mail is not None:
            mail.send()
