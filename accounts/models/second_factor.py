"""The device by which django-otp knows that a person has a second factor. It holds no secret."""

from allauth.mfa.models import Authenticator
from django.db import models
from django_otp.models import Device


class SecondFactor(Device):  # type: ignore[misc]  # django-otp ships no types
    """Stands for one of allauth's authenticators and goes with it.

    Codes are checked by allauth alone, whose forms are rate limited: this device accepts none.
    `last_step` is the 30 s step of the last time-based code that verified a session.
    """

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    authenticator = models.OneToOneField(
        Authenticator, models.CASCADE, related_name="second_factor"
    )

    last_step = models.BigIntegerField(null=True, editable=False)

    class Meta:
        """Named for the admin."""

        verbose_name = "second factor"
        verbose_name_plural = "second factors"

    def verify_token(self, token: str) -> bool:
        """Refuse every code."""
        return False
