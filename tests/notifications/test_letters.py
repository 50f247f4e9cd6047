"""What mails say, in both languages, and the appointment in them."""

import datetime as dt
import email
import email.policy
import re
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from icalendar import Calendar

from events import relay
from notifications import reactions
from notifications.catalogue import ROUTES
from notifications.letters.base import Scene
from notifications.recipients import find_person
from tests.factories.notifications import booking_data, event, payment_data

PREVIOUS = {
    "previous_calendar": "cal_01kac3w1v5h0e8y2r7m4q9t6zd",
    "previous_starts_at": "2028-06-04T08:00:00+00:00",
    "previous_ends_at": "2028-06-04T09:00:00+00:00",
}


def mail_for(mailoutbox, event_type, business, data) -> EmailMultiAlternatives:
    reactions.notify.call(event(event_type, business, data))
    relay.drain_all()
    found = mailoutbox[-1]
    assert isinstance(found, EmailMultiAlternatives)
    return found


def parsed(mail: EmailMultiAlternatives) -> email.message.EmailMessage:
    found = email.message_from_bytes(mail.message().as_bytes(), policy=email.policy.default)
    assert isinstance(found, email.message.EmailMessage)
    return found


def appointment(mail: EmailMultiAlternatives) -> tuple[Any, str]:
    part = next(iter(parsed(mail).iter_attachments()))
    return Calendar.from_ical(str(part.get_content())), str(part["Content-Type"])


@pytest.mark.django_db(transaction=True)
class TestConfirmed:
    @pytest.mark.row("B16")
    def test_says_the_one_fact_in_subject_and_first_line(self, business, customer, mailoutbox):
        mail = mail_for(mailoutbox, "booking.confirmed", business, booking_data(customer))

        assert mail.subject == "Confirmed: Hot stone massage, Monday 5 June 2028, 3:00 PM"
        assert mail.body.splitlines()[0] == "Your booking at Lotus Spa is confirmed."

    def test_says_the_same_in_text_and_html(self, business, customer, mailoutbox):
        mail = mail_for(mailoutbox, "booking.confirmed", business, booking_data(customer))

        html = str(mail.alternatives[0][0])
        link = "http://127.0.0.1:8000/customer/bookings/bkg_01kac3w1v5h0e8y2r7m4q9t6zd"
        for text in (
            "Hot stone massage, 60 minutes",
            "Monday 5 June 2028, 3:00 PM - 4:00 PM (Hồ Chí Minh, GMT+7)",
            "Lan",
            "12 Hàng Bạc, Hà Nội",
            "₫650,000",
            "₫195,000",
            "Manage your booking",
            link,
            "+84901234567",
        ):
            assert text in mail.body, text
            assert text in html, text
        assert html.count('class="button"') == 1

    def test_wears_the_colour_of_the_business(self, business, customer, mailoutbox):
        mail = mail_for(mailoutbox, "booking.confirmed", business, booking_data(customer))

        assert "background:#b4236b;color:#ffffff" in str(mail.alternatives[0][0])

    def test_comes_from_the_business_and_is_answered_to_it(self, business, customer, mailoutbox):
        mail = parsed(mail_for(mailoutbox, "booking.confirmed", business, booking_data(customer)))

        assert str(mail["From"]) == "Lotus Spa <frontdesk@localhost>"
        assert str(mail["Reply-To"]) == "desk@lotus.example"
        assert mail["To"].addresses[0].display_name == "Nguyễn Thị Minh Khai"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert re.fullmatch(r"<ntf_[0-9a-z]{26}@127\.0\.0\.1>", str(mail["Message-ID"]))

    def test_carries_the_appointment(self, business, customer, mailoutbox):
        mail = mail_for(mailoutbox, "booking.confirmed", business, booking_data(customer))

        calendar, content_type = appointment(mail)
        entry = calendar.walk("VEVENT")[0]
        assert "method=REQUEST" in content_type.replace('"', "")
        assert calendar["METHOD"] == "REQUEST"
        assert entry["UID"] == "bkg_01kac3w1v5h0e8y2r7m4q9t6zd@127.0.0.1"
        assert entry["SEQUENCE"] == 2
        assert entry["STATUS"] == "CONFIRMED"
        assert entry["DTSTART"].dt == dt.datetime(2028, 6, 5, 8, tzinfo=dt.UTC)
        assert entry["DTEND"].dt == dt.datetime(2028, 6, 5, 9, tzinfo=dt.UTC)
        assert entry["SUMMARY"] == "Hot stone massage at Lotus Spa"
        assert entry["LOCATION"] == "12 Hàng Bạc, Hà Nội"
        assert entry["ORGANIZER"] == "mailto:desk@lotus.example"
        assert entry["ATTENDEE"] == "mailto:khai@customer.example"

    def test_shows_what_a_stranger_typed_as_text(self, business, customer, mailoutbox):
        data = booking_data(customer, service_name='<img src=x onerror="1">')

        mail = mail_for(mailoutbox, "booking.confirmed", business, data)

        assert "<img" not in str(mail.alternatives[0][0])
        assert '<img src=x onerror="1">' in mail.body

    def test_does_not_let_a_name_add_a_header(self, business, customer, mailoutbox):
        data = booking_data(customer, service_name="Massage\r\nBcc: all@example.com")

        mail = parsed(mail_for(mailoutbox, "booking.confirmed", business, data))

        assert mail["Bcc"] is None

    @pytest.mark.row("B16")
    def test_speaks_the_language_of_the_reader(self, business, customer, mailoutbox):
        customer.locale = "vi"
        customer.save()

        mail = mail_for(mailoutbox, "booking.confirmed", business, booking_data(customer))

        assert mail.subject.startswith("Đã xác nhận: Hot stone massage, Thứ Hai, 5 tháng 6")
        assert "Quản lý lịch hẹn" in str(mail.alternatives[0][0])
        assert '<html lang="vi">' in str(mail.alternatives[0][0])


@pytest.mark.django_db(transaction=True)
class TestChanged:
    def test_appointment_is_taken_out_of_the_calendar_when_canceled(
        self, business, customer, mailoutbox
    ):
        data = booking_data(customer, status="canceled", version=3, cancel_reason="Staff ill")

        mail = mail_for(mailoutbox, "booking.canceled", business, data)

        calendar, _type = appointment(mail)
        entry = calendar.walk("VEVENT")[0]
        assert calendar["METHOD"] == "CANCEL"
        assert (entry["STATUS"], entry["SEQUENCE"]) == ("CANCELLED", 3)
        assert "Reason: Staff ill" in mail.body

    def test_appointment_moves_by_a_higher_sequence(self, business, customer, mailoutbox):
        data = booking_data(customer, version=4, **PREVIOUS)

        mail = mail_for(mailoutbox, "booking.rescheduled", business, data)

        calendar, _type = appointment(mail)
        entry = calendar.walk("VEVENT")[0]
        assert (calendar["METHOD"], entry["SEQUENCE"]) == ("REQUEST", 4)
        assert "Before: Sunday 4 June 2028, 3:00 PM" in mail.body

    @pytest.mark.parametrize(
        ("event_type", "subject"),
        [
            ("payment.succeeded", "Receipt: ₫195,000 to Lotus Spa"),
            ("payment.review_opened", "Your payment of ₫195,000 is under review"),
        ],
    )
    def test_money_is_told(self, business, customer, mailoutbox, event_type, subject):
        mail = mail_for(mailoutbox, event_type, business, payment_data(customer))

        assert mail.subject == subject


@pytest.mark.django_db
class TestEveryRoute:
    @pytest.mark.parametrize("locale", ["en", "vi"])
    def test_writes_a_whole_letter_from_the_samples_of_the_catalogue(
        self, business, owner, customer, locale
    ):
        from django.utils import translation

        from events import registry

        written = set()
        for route in ROUTES:
            sample = {**registry.event_type(route.event_type).sample}
            for name in ("contact", "contact_id"):
                if name in sample:
                    sample[name] = customer.public_id
            if "hold_expires_at" in sample:
                sample["hold_expires_at"] = "2028-06-05T07:00:00+00:00"
            subject = str(sample.get("id") or sample["user"])
            happened = event(route.event_type, business, sample, subject=subject)
            recipient = customer.public_id if route.audience == "customer" else owner.public_id
            person = find_person(recipient, business)
            assert person is not None
            with translation.override(locale):
                letter = route.letter(Scene(happened, business, person, route.audience))

            assert letter.title.strip(), route
            assert letter.lead.strip(), route
            assert len(letter.title) <= 250
            assert letter.button is not None, route
            assert letter.button[0], route
            assert letter.button[1].startswith("http"), route
            assert all(label and value for label, value in letter.rows), (route, letter.rows)
            written.add((route.event_type, route.audience, letter.title))
        assert len(written) == len(ROUTES)
