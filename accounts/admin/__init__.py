"""People and businesses in the admin."""

from accounts.admin import api_keys, businesses, invitations, people, platform, privacy, users

__all__ = ["api_keys", "businesses", "invitations", "people", "platform", "privacy", "users"]
