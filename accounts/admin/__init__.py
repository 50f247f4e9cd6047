"""People and businesses in the admin."""

from accounts.admin import businesses, people, privacy, users

__all__ = ["businesses", "people", "privacy", "users"]
