"""The password hasher."""

from django.contrib.auth.hashers import BCryptSHA256PasswordHasher


class BCryptSHA256Rounds14PasswordHasher(BCryptSHA256PasswordHasher):
    """bcrypt with 14 rounds (about a second), over SHA-256, which lifts its limit of 72 bytes."""

    rounds = 14
