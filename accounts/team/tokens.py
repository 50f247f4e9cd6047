"""The link of an invitation: made when it is sent, known by its hash when it comes back."""

import base64
import hashlib
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts.models import Invitation

_SALT: Final = "accounts.team.invitation"


def token_of(invitation: Invitation) -> str:
    """Return the secret part of the link: 256 bits that only the server's key can make again."""
    named = f"{invitation.public_id}:{invitation.nonce}"
    digest = salted_hmac(_SALT, named, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def hash_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def link_of(invitation: Invitation) -> str:
    """Return the whole address of the link, for the mail."""
    return settings.SITE_URL + reverse("invitation", args=[token_of(invitation)])
