"""The local inbox: mails kept as files, shown without being able to do anything."""

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse

from notifications.inbox import reader

BACKEND = "notifications.inbox.backend.InboxBackend"


@pytest.fixture
def keep(settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path / "inbox"

    def keep_mail(title: str = "Confirmed", html: str = "<h1>Hello</h1>") -> None:
        mail = EmailMultiAlternatives(title, "Hello", "desk@example.test", ["you@example.test"])
        if html:
            mail.attach_alternative(html, "text/html")
        mail.attach("appointment.ics", "BEGIN:VCALENDAR", "text/calendar")
        get_connection(BACKEND).send_messages([mail])

    return keep_mail


@pytest.mark.django_db
class TestInbox:
    def test_shows_the_newest_mail_and_lists_the_rest(self, client, keep):
        keep("First")
        keep("Second")

        page = client.get(reverse("inbox"))

        assert [mail.title for mail in page.context["mails"]] == ["Second", "First"]
        assert page.context["chosen"].title == "Second"
        assert 'sandbox="' in page.content.decode()

    def test_is_empty_at_first(self, client, keep):
        page = client.get(reverse("inbox"))

        assert "No mail yet" in page.content.decode()

    def test_shows_a_mail_that_can_run_nothing(self, client, keep):
        keep(html="<script>alert(1)</script><p>Hello</p>")

        answer = client.get(reverse("inbox_html", args=[reader.mails()[0].id]))

        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert "script-src" not in policy
        assert answer["X-Frame-Options"] == "SAMEORIGIN"

    def test_hands_out_attached_files(self, client, keep):
        keep()
        mail = reader.mails()[0]

        answer = client.get(reverse("inbox_file", args=[mail.id, 0]))

        assert answer.content == b"BEGIN:VCALENDAR"
        assert answer["Content-Disposition"] == 'attachment; filename="appointment.ics"'
        assert client.get(reverse("inbox_file", args=[mail.id, 1])).status_code == 404

    @pytest.mark.parametrize("name", ["..", "20261121-000000-000000-0000", "%2e%2e%2fsecret"])
    def test_finds_no_other_files(self, client, keep, name):
        keep()

        assert client.get(f"/inbox/{name}/html/").status_code == 404

    def test_does_not_exist_where_mail_is_sent(self, client, keep, settings):
        keep()
        settings.INBOX_ENABLED = False
        mail_id = reader.mails()[0].id

        for address in (
            reverse("inbox"),
            reverse("inbox_mail", args=[mail_id]),
            reverse("inbox_html", args=[mail_id]),
            reverse("inbox_file", args=[mail_id, 0]),
        ):
            assert client.get(address).status_code == 404

    def test_keeps_no_more_than_its_number(self, keep, monkeypatch):
        from notifications.inbox import backend

        monkeypatch.setattr(backend, "KEEP", 3)
        for number in range(5):
            keep(f"Mail {number}")

        assert [mail.title for mail in reader.mails()] == ["Mail 4", "Mail 3", "Mail 2"]
