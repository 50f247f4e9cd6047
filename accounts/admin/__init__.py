"""People and businesses in the admin."""

from accounts.admin import api_keys, businesses, people, users

__all__ = ["api_keys", "businesses", "people", "users"]
