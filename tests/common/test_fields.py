"""Encrypted fields: unreadable at rest, readable with any configured key, closed without."""

import pytest
from cryptography.fernet import Fernet, InvalidToken

from common import fields


class TestEncryption:
    def test_hides_the_text(self) -> None:
        token = fields.encrypt("sk_live_secret")

        assert "secret" not in token
        assert fields.decrypt(token) == "sk_live_secret"

    @pytest.mark.row("E15")
    def test_a_rotated_key_still_reads_and_the_new_one_writes(self, settings) -> None:
        old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        settings.FIELD_KEYS = [old]
        token = fields.encrypt("seed")

        settings.FIELD_KEYS = [new, old]

        assert fields.decrypt(token) == "seed"
        name, _, written = fields.encrypt("seed").partition(":")
        assert name == fields.key_id(new)
        assert Fernet(new).decrypt(written) == b"seed"

    def test_a_wrong_key_fails_instead_of_yielding_text(self, settings) -> None:
        token = fields.encrypt("seed")
        settings.FIELD_KEYS = [Fernet.generate_key().decode()]

        with pytest.raises(InvalidToken):
            fields.decrypt(token)
