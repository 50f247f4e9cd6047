"""People and businesses in the admin."""

from accounts.admin import businesses, invitations, people, platform, privacy, users

__all__ = ["businesses", "invitations", "people", "platform", "privacy", "users"]
