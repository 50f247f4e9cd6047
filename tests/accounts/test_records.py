"""The audit log is append-only in the database itself; security entries of one matter are one."""

import pytest
from django.db import DatabaseError, transaction

from accounts import actions
from accounts.models import AuditEntry, SecurityEntry


@pytest.mark.django_db
@pytest.mark.row("E12")
class TestAuditLog:
    def test_refuses_change_and_removal(self) -> None:
        actions.record_audit(actor="usr_1", action="payment.refund", subject="pay_1")

        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AuditEntry.objects.update(actor="usr_2")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AuditEntry.objects.all().delete()

        assert AuditEntry.objects.get().actor == "usr_1"

    def test_lets_only_the_personal_column_be_emptied(self) -> None:
        AuditEntry.objects.create(actor="usr_1", action="x", personal={"address": "10.0.0.1"})

        AuditEntry.objects.update(personal=None)

        assert AuditEntry.objects.get().personal is None

    def test_keeps_no_secrets(self) -> None:
        actions.record_audit(actor="usr_1", action="x", after={"api_key": "sk_live_abcdefgh"})

        assert AuditEntry.objects.get().after == {"api_key": "[redacted]"}


@pytest.mark.django_db
class TestSecurityLog:
    def test_the_same_matter_is_recorded_once(self) -> None:
        for _ in range(3):
            actions.record_security(kind="webhook.replayed", once_key="webhook.replayed:1")

        assert SecurityEntry.objects.count() == 1
