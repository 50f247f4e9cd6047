"""People and the businesses they belong to."""

from accounts.models.api_key import ApiKey
from accounts.models.business import Business, Membership, Role
from accounts.models.contact import Contact
from accounts.models.device import Device
from accounts.models.records import AuditEntry, SecurityEntry
from accounts.models.second_factor import SecondFactor
from accounts.models.user import Staff, User

__all__ = [
    "ApiKey",
    "AuditEntry",
    "Business",
    "Contact",
    "Device",
    "Membership",
    "Role",
    "SecondFactor",
    "SecurityEntry",
    "Staff",
    "User",
]
