"""What becomes of a queued message: sent, retried, given up, expired, unknown."""

import datetime as dt
import logging
from email.utils import parseaddr

import pytest
from django.db import connection
from django.utils import timezone

from events import relay
from events.models import Work, WorkFailure
from notifications import reactions
from notifications.delivery import WAITS
from notifications.errors import TransportError
from notifications.models import Notification
from notifications.transports import registry as transports
from notifications.transports.email.transport import EmailTransport
from tests.factories.accounts import ContactFactory
from tests.factories.notifications import booking_data, event

Status = Notification.Status


@pytest.fixture
def refusals(monkeypatch):
    """Let sending a mail to an address raise; the rest goes out."""
    planned: dict[str, TransportError] = {}
    send = EmailTransport.send

    def planned_send(self, message):
        if error := planned.get(message.address):
            raise error
        return send(self, message)

    monkeypatch.setattr(EmailTransport, "send", planned_send)
    return planned


def queue(business, customer, **changes) -> Notification:
    data = booking_data(customer, **changes)
    reactions.notify.call(event("booking.confirmed", business, data))
    return Notification.objects.get(recipient=customer.public_id, channel="email")


def database_time() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        found: dt.datetime = cursor.fetchone()[0]
    return found


def make_due() -> None:
    Notification.objects.filter(state=Work.State.OPEN).update(due_at=database_time())


# Committed for real: inside one transaction the database's clock stands still and nothing is due.
@pytest.mark.django_db(transaction=True)
class TestSend:
    @pytest.mark.row("B16")
    def test_sends_once_and_keeps_what_was_said(self, business, customer, mailoutbox):
        row = queue(business, customer)

        relay.drain_all()
        relay.drain_all()

        row.refresh_from_db()
        assert (row.status, row.state) == (Status.SENT, Work.State.DONE)
        assert row.provider_id == f"<{row.public_id}@127.0.0.1>"
        assert row.title == "Confirmed: Hot stone massage, Monday 5 June 2028, 3:00 PM"
        assert len(mailoutbox) == 1

    def test_does_not_send_again_what_was_sent(self, business, customer, mailoutbox):
        row = queue(business, customer)
        relay.drain_all()
        Notification.objects.filter(pk=row.pk).update(state=Work.State.OPEN)

        relay.drain_all()

        assert len(mailoutbox) == 1

    @pytest.mark.row("B16")
    def test_tries_again_later_each_time_a_little_later(
        self, business, customer, refusals, mailoutbox
    ):
        refusals[customer.email] = TransportError("the mail server could not be reached")
        row = queue(business, customer)
        waits = []

        for _attempt in range(8):
            make_due()
            before = database_time()
            relay.drain_all()
            row.refresh_from_db()
            waits.append((row.due_at - before).total_seconds())

        for wait, step in zip(waits[:7], WAITS, strict=True):
            assert 0.8 * step <= wait <= 1.2 * step + 1
        assert (row.status, row.state, row.attempts) == (Status.FAILED, Work.State.DEAD, 8)
        assert WorkFailure.objects.filter(kind="notifications.Notification").count() == 8
        assert mailoutbox == []

    def test_takes_about_half_an_hour_in_all(self):
        assert 25 * 60 <= sum(WAITS) <= 35 * 60

    def test_stops_at_a_permanent_refusal(self, business, customer, refusals):
        refusals[customer.email] = TransportError("no such mailbox", is_permanent=True)
        row = queue(business, customer)

        relay.drain_all()

        row.refresh_from_db()
        assert (row.status, row.state, row.attempts) == (Status.FAILED, Work.State.DEAD, 1)
        assert row.last_error == "no such mailbox"

    def test_waits_as_asked_without_counting_an_attempt(self, business, customer, refusals):
        refusals[customer.email] = TransportError("slow down", retry_after=40)
        row = queue(business, customer)
        before = database_time()

        relay.drain_all()

        row.refresh_from_db()
        assert (row.status, row.attempts) == (Status.QUEUED, 0)
        assert 39 <= (row.due_at - before).total_seconds() <= 42

    @pytest.mark.row("B16")
    def test_one_refused_recipient_does_not_stop_the_others(
        self, business, customer, owner, refusals, mailoutbox
    ):
        refusals[customer.email] = TransportError("the mail server could not be reached")
        queue(business, customer)

        relay.drain_all()

        assert [parseaddr(mail.to[0])[1] for mail in mailoutbox] == ["owner@lotus.example"]

    def test_does_not_send_what_is_too_old(self, business, customer, mailoutbox):
        row = queue(business, customer)
        Notification.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))

        relay.drain_all()

        row.refresh_from_db()
        assert (row.status, row.state) == (Status.EXPIRED, Work.State.DONE)
        assert mailoutbox == []

    def test_suppresses_what_has_no_address_any_more(self, business, customer, mailoutbox):
        row = queue(business, customer)
        customer.email = ""
        customer.save()

        relay.drain_all()

        row.refresh_from_db()
        assert row.status == Status.SUPPRESSED
        assert mailoutbox == []

    def test_repeats_an_unknown_outcome_once_and_then_leaves_it_unknown(
        self, business, customer, refusals
    ):
        refusals[customer.email] = TransportError("broke off", is_uncertain=True)
        row = queue(business, customer)

        relay.drain_all()
        row.refresh_from_db()
        assert (row.status, row.is_repeated) == (Status.QUEUED, True)
        make_due()
        relay.drain_all()

        row.refresh_from_db()
        assert (row.status, row.state) == (Status.UNKNOWN, Work.State.DEAD)

    def test_never_repeats_a_text_message_whose_outcome_is_unknown(self, business):
        customer = ContactFactory(business=business, email="", phone="+84901112223")
        reactions.notify.call(event("booking.confirmed", business, booking_data(customer)))
        Notification.objects.update(status=Status.SENDING)  # its process died

        relay.drain_all()

        assert Notification.objects.get(channel="sms").status == Status.UNKNOWN

    def test_can_be_replayed_by_hand(self, business, customer, refusals, mailoutbox):
        from events.actions import replay

        refusals[customer.email] = TransportError("no such mailbox", is_permanent=True)
        row = queue(business, customer)
        relay.drain_all()
        refusals.clear()

        replay(kind="notifications.Notification", ids=[row.pk])
        relay.drain_all()

        row.refresh_from_db()
        assert row.status == Status.SENT
        assert len(mailoutbox) == 1

    def test_asks_for_payment_after_two_minutes_if_still_unpaid(
        self, business, customer, mailoutbox
    ):
        held = timezone.now() + dt.timedelta(minutes=15)
        data = booking_data(
            customer, status="pending", paid_minor=0, hold_expires_at=held.isoformat()
        )
        reactions.notify.call(event("booking.created", business, data))
        row = Notification.objects.get()

        relay.drain_all()
        assert mailoutbox == []
        make_due()
        relay.drain_all()

        assert 110 <= (row.due_at - row.created_at).total_seconds() <= 121
        assert mailoutbox[0].subject == "Finish booking Hot stone massage: payment is missing"

    def test_a_waiting_reminder_does_not_hold_back_the_confirmation(
        self, business, customer, mailoutbox
    ):
        held = timezone.now() + dt.timedelta(minutes=15)
        data = booking_data(
            customer, status="pending", paid_minor=0, hold_expires_at=held.isoformat()
        )
        reactions.notify.call(event("booking.created", business, data))
        reactions.notify.call(event("booking.confirmed", business, booking_data(customer)))

        relay.drain_all()

        assert [mail.subject.partition(":")[0] for mail in mailoutbox] == ["Confirmed"]

    def test_logs_neither_address_nor_number(self, business, caplog, capfd):
        customer = ContactFactory(
            business=business, email="secret@customer.example", phone="+84901112223"
        )
        reactions.notify.call(event("booking.confirmed", business, booking_data(customer)))

        with caplog.at_level(logging.DEBUG):
            relay.drain_all()

        lines = "\n".join(str(vars(record)) for record in caplog.records)
        assert "text message logged" in lines
        assert "secret@customer.example" not in lines
        assert "84901112223" not in lines
        assert "*********223" in lines


class TestTransports:
    def test_are_known_by_channel(self):
        assert transports.codes() == ["discord", "email", "in_app", "sms"]

    @pytest.mark.parametrize("code", ["discord", "email", "in_app", "sms"])
    def test_answer_for_themselves(self, code):
        transport = transports.get(code)

        assert transport.code == code
        assert not transport.accepts("http://127.0.0.1/webhooks/1/x")
