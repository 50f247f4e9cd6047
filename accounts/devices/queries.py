"""Reads of devices."""

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Device, User


def live_devices(user: User) -> QuerySet[Device]:
    """Return where the user is signed in now, the last seen first."""
    sessions = Session.objects.filter(
        session_key=OuterRef("session_key"), expire_date__gt=timezone.now()
    )
    rows = Device.objects.filter(Exists(sessions), user=user, ended_at=None)
    return rows.order_by("-last_seen_at", "-id")


def find_device(public_id: str) -> Device | None:
    """Return the device, ended or not."""
    return Device.objects.select_related("user").filter(public_id=public_id).first()
