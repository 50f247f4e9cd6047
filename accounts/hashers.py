"""The password hasher."""

from django.contrib.auth.hashers import BCryptSHA256PasswordHasher


class BCryptSHA256Rounds14PasswordHasher(BCryptSHA256PasswordHasher):
    """bcrypt with 14 rounds over SHA-256, which lifts bcrypt's limit of 72 bytes; about a second."""

    rounds = 14
