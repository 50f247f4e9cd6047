"""People and the businesses they belong to."""

from accounts.models.business import Business, Membership, Role
from accounts.models.contact import Contact
from accounts.models.privacy import Erasure, PersonalExport
from accounts.models.records import AuditDigest, AuditEntry, SecurityEntry
from accounts.models.second_factor import SecondFactor
from accounts.models.used_password import UsedPassword
from accounts.models.user import Staff, User

__all__ = [
    "AuditDigest",
    "AuditEntry",
    "Business",
    "Contact",
    "Erasure",
    "Membership",
    "PersonalExport",
    "Role",
    "SecondFactor",
    "SecurityEntry",
    "Staff",
    "UsedPassword",
    "User",
]
