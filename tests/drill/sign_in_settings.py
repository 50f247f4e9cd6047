"""The settings of the tests, with passwords computed as in production."""

from config.settings.test import *

PASSWORD_HASHERS = ["accounts.hashers.BCryptSHA256Rounds14PasswordHasher"]
