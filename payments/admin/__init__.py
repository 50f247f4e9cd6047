"""Money in the admin: nothing is added, changed or deleted; buttons call the actions."""

from payments.admin import accounts, books, collecting

__all__ = ["accounts", "books", "collecting"]
