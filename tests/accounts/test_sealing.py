"""A day of the audit log is sealed; whatever is changed afterwards is found and named."""

import datetime as dt
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import AuditDigest, AuditEntry, SecurityEntry
from accounts.tasks import prune_records, seal_audit_days
from events import relay
from events.lanes import Lane

pytestmark = [pytest.mark.django_db, pytest.mark.row("E12")]
TODAY = timezone.now().astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def entry(days_ago: int, **fields: str) -> AuditEntry:
    made = AuditEntry.objects.create(actor="usr_1", action="payment.refund", **fields)
    tamper("UPDATE accounts_auditentry SET at = %s WHERE id = %s", day(days_ago, 12), made.pk)
    return made


def day(days_ago: int, hour: int = 0) -> dt.datetime:
    return TODAY - dt.timedelta(days=days_ago) + dt.timedelta(hours=hour)


def tamper(statement: str, *values: Any, table: str = "accounts_auditentry") -> None:
    """What an administrator of the database can do: the trigger is off."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def verify(*expected: str) -> str:
    out = StringIO()
    call_command("verify_audit_log", *[f"--expect={text}" for text in expected], stdout=out)
    return out.getvalue().strip()


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(TODAY + dt.timedelta(hours=12), tick=False):
        yield


@pytest.fixture
def sealed() -> list[AuditEntry]:
    """Three days with two entries each, sealed."""
    made = [entry(days_ago, subject=f"pay_{n}") for days_ago in (3, 2, 1) for n in range(2)]
    seal_audit_days()
    return made


class TestSealing:
    def test_covers_every_day_that_is_over_and_repeats_safely(
        self, sealed: list[AuditEntry]
    ) -> None:
        seal_audit_days()

        days = list(AuditDigest.objects.order_by("day"))
        assert [seal.day for seal in days] == [day(n).date() for n in (3, 2, 1)]
        assert {seal.row_count for seal in days} == {2}
        assert days[1].previous == days[0].digest

    def test_a_day_without_entries_is_sealed_too(self) -> None:
        entry(4)

        seal_audit_days()

        counts = list(AuditDigest.objects.order_by("day").values_list("row_count", flat=True))
        assert counts == [1, 0, 0, 0]

    def test_waits_until_the_days_last_transactions_have_ended(self) -> None:
        entry(1)

        with time_machine.travel(TODAY + dt.timedelta(minutes=14), tick=False):
            seal_audit_days()
            early = AuditDigest.objects.count()
        with time_machine.travel(TODAY + dt.timedelta(minutes=15), tick=False):
            seal_audit_days()

        assert (early, AuditDigest.objects.count()) == (0, 1)

    def test_tells_the_log_and_the_operators(self, settings, caplog) -> None:
        settings.OPERATOR_EMAILS = ["ops@example.test"]
        entry(2)

        with caplog.at_level("WARNING", logger="accounts.sealing"):
            seal_audit_days()
        relay.drain_lane(Lane.BULK)

        seal = AuditDigest.objects.order_by("day").first()
        assert seal is not None
        assert seal.digest in {getattr(line, "digest", "") for line in caplog.records}
        sent = next(m for m in mail.outbox if str(seal.day) in m.subject)
        assert sent.to == ["ops@example.test"]
        assert f"--expect {seal.day}={seal.digest}" in sent.body

    def test_a_seal_refuses_change(self, sealed: list[AuditEntry]) -> None:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AuditDigest.objects.update(digest="0" * 64)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AuditDigest.objects.all().delete()


class TestVerifying:
    def test_an_untouched_log_holds(self, sealed: list[AuditEntry]) -> None:
        assert verify() == "The audit log is unchanged: 3 sealed days hold."

    def test_erasing_the_personal_column_changes_nothing(self, sealed: list[AuditEntry]) -> None:
        AuditEntry.objects.update(personal=None)

        assert "unchanged" in verify()

    @pytest.mark.parametrize(
        ("statement", "what"),
        [
            ("UPDATE accounts_auditentry SET actor = 'usr_2' WHERE id = %s", "was changed"),
            ("UPDATE accounts_auditentry SET after = '{\"a\": 1}' WHERE id = %s", "was changed"),
            ("DELETE FROM accounts_auditentry WHERE id = %s", "was removed"),
        ],
    )
    def test_a_changed_row_is_named(
        self, sealed: list[AuditEntry], statement: str, what: str
    ) -> None:
        row = sealed[2]

        tamper(statement, row.pk)

        with pytest.raises(
            CommandError, match=f"differs on {day(2).date()}, row {row.pk}: .*{what}"
        ):
            verify()

    def test_the_first_difference_is_the_one_named(self, sealed: list[AuditEntry]) -> None:
        for row in (sealed[3], sealed[1]):
            tamper("UPDATE accounts_auditentry SET reason = 'x' WHERE id = %s", row.pk)

        with pytest.raises(CommandError, match=f"differs on {day(3).date()}, row {sealed[1].pk}"):
            verify()

    def test_a_row_slipped_into_a_sealed_day_is_named(self, sealed: list[AuditEntry]) -> None:
        late = entry(2)

        with pytest.raises(CommandError, match=f"row {late.pk}: the row was added after"):
            verify()

    def test_a_seal_made_again_over_changed_rows_fails_against_the_mailed_one(
        self, sealed: list[AuditEntry]
    ) -> None:
        mailed = AuditDigest.objects.get(day=day(3).date())
        tamper("UPDATE accounts_auditentry SET actor = 'usr_2' WHERE id = %s", sealed[0].pk)
        tamper("DELETE FROM accounts_auditdigest", table="accounts_auditdigest")
        seal_audit_days()

        assert "unchanged" in verify()
        with pytest.raises(CommandError, match=f"{mailed.day}: the seal is not the one"):
            verify(f"{mailed.day}={mailed.digest}")

    def test_a_missing_seal_is_named(self, sealed: list[AuditEntry]) -> None:
        tamper(
            "DELETE FROM accounts_auditdigest WHERE day = %s",
            day(2).date(),
            table="accounts_auditdigest",
        )
        seal_audit_days()

        with pytest.raises(CommandError, match=f"{day(2).date()}: the day's seal is missing"):
            verify()

    def test_a_seal_changed_alone_is_named(self, sealed: list[AuditEntry]) -> None:
        tamper(
            "UPDATE accounts_auditdigest SET digest = repeat('0', 64) WHERE day = %s",
            day(2).date(),
            table="accounts_auditdigest",
        )

        with pytest.raises(CommandError, match=f"{day(2).date()}: the seal itself was changed"):
            verify()


@pytest.mark.row("C14")
class TestRetention:
    def test_after_ninety_days_what_tells_of_a_person_is_gone(self) -> None:
        old, new = entry(91), entry(89)
        for row in (old, new):
            tamper(
                'UPDATE accounts_auditentry SET personal = \'{"address": "203.0.113.7"}\' '
                "WHERE id = %s",
                row.pk,
            )
        for days in (91, 89):
            made = SecurityEntry.objects.create(kind="sign_in.failed", subject=str(days))
            SecurityEntry.objects.filter(pk=made.pk).update(at=day(days))

        prune_records()

        old.refresh_from_db()
        new.refresh_from_db()
        assert (old.personal, new.personal) == (None, {"address": "203.0.113.7"})
        assert list(SecurityEntry.objects.values_list("subject", flat=True)) == ["89"]
