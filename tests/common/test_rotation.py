"""Keys are rotated while the product serves; a wrong key never yields text and says what to do."""

import json
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import otp
from common import fields, idempotency, rotation
from notifications.models import BusinessChannel
from payments.models import GatewayAccount, Payment
from tests.factories.accounts import UserFactory
from tests.factories.notifications import WEBHOOK, BusinessChannelFactory
from tests.factories.payments import GatewayAccountFactory, PaymentFactory
from tests.factories.sign_in import SECRET

pytestmark = [pytest.mark.django_db, pytest.mark.row("E12", "E15")]
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def run(**options: Any) -> str:
    out = StringIO()
    call_command("rotate_keys", pause=0, stdout=out, **options)
    return out.getvalue()


def raw(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture
def stored(settings) -> dict[str, Any]:
    """One value in every column that holds encrypted ones, under the old key."""
    settings.FIELD_KEYS = [OLD]
    channel = BusinessChannelFactory()
    account = GatewayAccountFactory(credentials={"secret_key": "sk_test_1"})
    payment = PaymentFactory(gateway_account=account, client_secret="cs_secret")
    otp.enroll_totp(user=UserFactory(), secret=SECRET)
    taken = idempotency.take(principal="user:usr_1", key="k", fingerprint="f")
    assert isinstance(taken, idempotency.Taken)
    idempotency.store(taken, status=201, body=b'{"id": 1}')
    return {"channel": channel.pk, "account": account.pk, "payment": payment.pk}


def read_all(stored: dict[str, Any]) -> list[Any]:
    answer = idempotency.take(principal="user:usr_1", key="k", fingerprint="f")
    assert isinstance(answer, idempotency.Answer)
    factor = Authenticator.objects.get(type="totp")
    return [
        BusinessChannel.objects.get(pk=stored["channel"]).address,
        GatewayAccount.objects.get(pk=stored["account"]).credentials,
        Payment.objects.get(pk=stored["payment"]).client_secret,
        fields.decrypt(factor.data["secret"]),
        answer.body,
    ]


PLAIN = [WEBHOOK, {"secret_key": "sk_test_1"}, "cs_secret", SECRET, b'{"id": 1}']


class TestRotation:
    def test_the_old_key_can_be_removed_afterwards(self, settings, stored) -> None:
        settings.FIELD_KEYS = [NEW, OLD]
        before = read_all(stored)

        said = run()
        settings.FIELD_KEYS = [NEW]

        assert before == read_all(stored) == PLAIN
        assert "notifications.BusinessChannel.address: 1 rows re-encrypted" in said
        assert "mfa.Authenticator.data: 2 rows re-encrypted" in said
        assert "common.IdempotencyRecord.body: 1 rows re-encrypted" in said
        assert f"No value needs {fields.key_id(OLD)} any more" in said

    def test_a_second_run_changes_nothing(self, settings, stored) -> None:
        settings.FIELD_KEYS = [NEW, OLD]
        run()
        before = raw("SELECT address FROM notifications_businesschannel")

        said = run()

        assert "1 rows re-encrypted" not in said
        assert raw("SELECT address FROM notifications_businesschannel") == before

    def test_finds_every_encrypted_field_of_every_model(self) -> None:
        found = {column.name for column in rotation.columns()}

        assert {
            "common.IdempotencyRecord.body",
            "mfa.Authenticator.data",
            "notifications.BusinessChannel.address",
            "payments.GatewayAccount.credentials",
            "payments.Payment.client_secret",
        } <= found

    def test_goes_on_where_it_was_interrupted(self, settings, stored, monkeypatch) -> None:
        settings.FIELD_KEYS = [NEW, OLD]
        names = [column.name for column in rotation.columns()]
        half = rotation.columns()[: len(names) // 2]
        for column in half:
            rotation.rotate(column)

        run()
        settings.FIELD_KEYS = [NEW]

        assert read_all(stored) == PLAIN

    def test_reads_more_rows_than_a_batch(self, settings, monkeypatch) -> None:
        settings.FIELD_KEYS = [OLD]
        monkeypatch.setattr(rotation, "BATCH", 2)
        for _ in range(5):
            BusinessChannelFactory()
        settings.FIELD_KEYS = [NEW, OLD]

        said = run()

        assert "notifications.BusinessChannel.address: 5 rows re-encrypted" in said

    def test_a_value_changed_meanwhile_is_not_overwritten(self, settings, stored) -> None:
        column = next(c for c in rotation.columns() if c.name.startswith("notifications"))
        was = raw("SELECT address FROM notifications_businesschannel")[0]
        BusinessChannel.objects.update(address="https://discord.com/api/webhooks/2/new")

        is_written = rotation._store(column, stored["channel"], was, fields.encrypt("old"))

        assert is_written is False
        assert BusinessChannel.objects.get().address == "https://discord.com/api/webhooks/2/new"

    def test_values_from_before_keys_were_named_are_taken_along(self, settings, stored) -> None:
        bare = Fernet(OLD).encrypt(WEBHOOK.encode()).decode()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE notifications_businesschannel SET address = %s", [bare])
        settings.FIELD_KEYS = [NEW, OLD]
        assert BusinessChannel.objects.get().address == WEBHOOK

        run()
        settings.FIELD_KEYS = [NEW]

        assert BusinessChannel.objects.get().address == WEBHOOK


class TestWrongKey:
    def test_reading_fails_and_says_which_key_is_missing(self, settings, stored) -> None:
        settings.FIELD_KEYS = [NEW]

        with pytest.raises(
            fields.UnknownKey, match=f"the key {fields.key_id(OLD)} that FIELD_KEYS"
        ):
            BusinessChannel.objects.get()

    def test_rotating_leaves_the_values_and_says_what_to_do(self, settings, stored) -> None:
        settings.FIELD_KEYS = [NEW]

        with pytest.raises(CommandError, match=r"encrypted with the key .* Put that key back"):
            run()
        settings.FIELD_KEYS = [NEW, OLD]

        assert read_all(stored) == PLAIN

    def test_what_is_no_key_stops_with_a_sentence(self, settings) -> None:
        settings.FIELD_KEYS = ["hunter2"]

        with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS must hold Fernet keys"):
            fields.encrypt("x")

    def test_nothing_readable_is_at_rest(self, stored) -> None:
        rows = raw("SELECT credentials FROM payments_gatewayaccount")
        rows += [json.dumps(row) for row in raw("SELECT data::text FROM mfa_authenticator")]
        rows += raw("SELECT address FROM notifications_businesschannel")

        assert not any("sk_test" in row or SECRET in row or "discord" in row for row in rows)
