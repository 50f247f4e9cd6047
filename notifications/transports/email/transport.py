"""Sends a letter as HTML and text, with the appointment attached."""

import smtplib
from email.mime.text import MIMEText
from email.utils import formataddr, parseaddr
from urllib.parse import urlsplit

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from common.colour import accent_pair
from events.lanes import Lane
from notifications.errors import TransportError
from notifications.transports.base import Message
from notifications.transports.email.calendar import calendar_file, method_of

_PERMANENT_FROM = 500
_TOO_MANY = 429
_TIMED_OUT = 408


class EmailTransport:
    """A repeat carries the same Message-ID, which many mailboxes show only once."""

    code = "email"
    lane = Lane.BULK
    can_repeat = True

    def accepts(self, address: str) -> bool:
        """Refuse: mail goes to people, whose addresses are looked up."""
        return False

    def send(self, message: Message) -> str:
        """Hand the mail to the backend and return its Message-ID or the provider's id."""
        mail = build(message)
        connection = get_connection()
        try:
            # Nothing was sent while connecting failed; from here on an outcome may be unknown.
            connection.open()
        except smtplib.SMTPAuthenticationError:
            raise TransportError("the mail server refused our sign-in") from None
        except (OSError, smtplib.SMTPException):
            raise TransportError("the mail server could not be reached") from None
        try:
            connection.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            raise _refusal(max(code for code, _text in error.recipients.values())) from None
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code) from None
        except AnymailRecipientsRefused:
            raise TransportError("the provider refused the recipient", is_permanent=True) from None
        except AnymailAPIError as error:
            raise _provider_refusal(error) from None
        except (AnymailError, OSError, smtplib.SMTPException):
            raise TransportError("the mail server broke off", is_uncertain=True) from None
        finally:
            connection.close()
        status = getattr(mail, "anymail_status", None)
        return str(getattr(status, "message_id", "") or mail.extra_headers["Message-ID"])


def _refusal(code: int) -> TransportError:
    return TransportError(f"the mail server answered {code}", is_permanent=code >= _PERMANENT_FROM)


def _provider_refusal(error: AnymailAPIError) -> TransportError:
    code = getattr(error, "status_code", None)
    if code is None:
        return TransportError("the provider did not answer", is_uncertain=True)
    is_ours = code < _PERMANENT_FROM and code not in (_TOO_MANY, _TIMED_OUT)
    return TransportError(f"the provider answered {code}", is_permanent=is_ours)


def build(message: Message) -> EmailMultiAlternatives:
    """Return the mail; its Message-ID is the same at every attempt."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    accent = accent_pair(message.brand.accent).light
    context = {
        "message": message,
        "letter": message.letter,
        "brand": message.brand,
        "accent": accent,
        "locale": message.locale,
        "site_url": settings.SITE_URL,
    }
    mail = EmailMultiAlternatives(
        # A line break in a name must not add a header.
        subject=" ".join(message.letter.title.split()),
        body=render_to_string("emails/letter.txt", context),
        from_email=formataddr((" ".join(message.brand.name.split()), sender)),
        to=[formataddr((" ".join(message.name.split()), message.address))],
        reply_to=[message.brand.email] if message.brand.email else [],
        headers={
            "Message-ID": f"<{message.id}@{host}>",
            "Auto-Submitted": "auto-generated",
            "X-Frontdesk-Topic": message.topic,
        },
    )
    mail.attach_alternative(render_to_string("emails/letter.html", context), "text/html")
    if entry := message.letter.calendar:
        part = MIMEText(calendar_file(entry, message).decode(), "calendar", "utf-8")
        part.set_param("method", method_of(entry))
        part.add_header("Content-Disposition", "attachment", filename="appointment.ics")
        mail.attach(part)
    return mail
