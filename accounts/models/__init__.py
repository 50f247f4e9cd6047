"""People and the businesses they belong to."""

from accounts.models.api_key import ApiKey
from accounts.models.business import Business, Membership, Role
from accounts.models.contact import Contact
from accounts.models.device import Device
from accounts.models.invitation import Invitation
from accounts.models.onboarding import BusinessSetup, Registration
from accounts.models.platform import PlatformMember
from accounts.models.privacy import Erasure, PersonalExport
from accounts.models.records import AuditDigest, AuditEntry, SecurityEntry
from accounts.models.second_factor import SecondFactor
from accounts.models.used_password import UsedPassword
from accounts.models.user import Staff, User

__all__ = [
    "ApiKey",
    "AuditDigest",
    "AuditEntry",
    "Business",
    "BusinessSetup",
    "Contact",
    "Device",
    "Erasure",
    "Invitation",
    "Membership",
    "PersonalExport",
    "PlatformMember",
    "Registration",
    "Role",
    "SecondFactor",
    "SecurityEntry",
    "Staff",
    "UsedPassword",
    "User",
]
