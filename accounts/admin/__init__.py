"""People and businesses in the admin."""

from accounts.admin import businesses, people, users

__all__ = ["businesses", "people", "users"]
