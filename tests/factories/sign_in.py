"""People who can sign in, and the codes their devices show."""

import base64
import hashlib
import hmac
import struct
from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY

from accounts import otp
from accounts.models import Business, Membership, Role, User
from tests.factories.accounts import UserFactory

PASSWORD = "correct horse battery staple"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def totp(secret: str, at: float) -> str:
    """Return the six digits a device shows at a Unix time. RFC 6238, SHA-1, 30 s steps."""
    counter = struct.pack(">Q", int(at) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    (value,) = struct.unpack(">I", digest[start : start + 4])
    return f"{(value & 0x7FFFFFFF) % 1_000_000:06d}"


def person(email: str = "tuyet@example.test", **fields: object) -> User:
    """Return an account with a verified address and PASSWORD."""
    user = UserFactory(email=email, **fields)
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def staff_of(business: Business, role: Role = Role.OWNER, **fields: object) -> User:
    """Return an account that may open the admin and has a role in the business."""
    user = UserFactory(is_staff=True, **fields)
    Membership.objects.create(user=user, business=business, role=role)
    return user


def superuser() -> User:
    """Return an account that may do everything."""
    return UserFactory(is_staff=True, is_superuser=True)


def signed_in_client(user: User) -> Client:
    """Return a browser in which a `person` has just signed in on the page."""
    client = Client()
    answer = client.post("/account/auth/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def verified_client(user: User) -> Client:
    """Return a browser whose session has passed the second factor."""
    factor = otp.enroll_totp(user=user, secret=SECRET)
    client = Client()
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = factor.second_factor.persistent_id
    session.save()
    return client


def with_password(user: User) -> Client:
    """Return a browser that has sent the password and nothing more."""
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def confirmed(user: User) -> Client:
    """Return a signed-in browser whose person has just confirmed their password."""
    client = Client()
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def enter(client: Client, code: str) -> bool:
    """Enter a code after the password; says whether it let the person in."""
    client.post(reverse("mfa_authenticate"), {"code": code})
    return "_auth_user_id" in client.session


def errors(answer: Any) -> list[str]:
    """Return what the form of a page complains of."""
    return [error for found in answer.context["form"].errors.values() for error in found]
