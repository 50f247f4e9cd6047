"""People and businesses in the admin."""

from accounts.admin import businesses, invitations, people, platform, users

__all__ = ["businesses", "invitations", "people", "platform", "users"]
