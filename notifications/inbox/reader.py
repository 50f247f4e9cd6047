"""Reading kept mails back."""

import datetime as dt
import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path

from django.conf import settings

_NAME = re.compile(r"\A(\d{8}-\d{6}-\d{6})-[0-9a-f]{4}\Z")


@dataclass(frozen=True)
class Attachment:
    """A file of a mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """A kept mail; `id` is its file's name without the ending."""

    id: str
    raw: EmailMessage

    @property
    def at(self) -> dt.datetime:
        """Return when it was kept, aware UTC."""
        return dt.datetime.strptime(self.id[:22], "%Y%m%d-%H%M%S-%f").replace(tzinfo=dt.UTC)

    @property
    def title(self) -> str:
        """Return the subject line."""
        return str(self.raw["Subject"] or "")

    @property
    def sender(self) -> str:
        """Return the From line."""
        return str(self.raw["From"] or "")

    @property
    def receiver(self) -> str:
        """Return the To line."""
        return str(self.raw["To"] or "")

    @property
    def receiver_address(self) -> str:
        """Return the first receiver's bare address."""
        return parseaddr(self.receiver)[1]

    @cached_property
    def html(self) -> str:
        """Return the HTML part, or an empty text."""
        part = self.raw.get_body(("html",))
        return str(part.get_content()) if part else ""

    @cached_property
    def text(self) -> str:
        """Return the text part, or an empty text."""
        part = self.raw.get_body(("plain",))
        return str(part.get_content()) if part else ""

    @cached_property
    def attachments(self) -> list[Attachment]:
        """Return the attached files."""
        return [
            Attachment(
                part.get_filename() or "file",
                part.get_content_type(),
                bytes(part.get_payload(decode=True) or b""),
            )
            for part in self.raw.iter_attachments()
        ]


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)


def mails(*, limit: int = 100) -> list[Mail]:
    """Return the newest mails, newest first; their bodies are read when asked for."""
    paths = sorted(_folder().glob("*.eml"), reverse=True)[:limit]
    return [mail for path in paths if (mail := find(path.stem))]


def find(mail_id: str) -> Mail | None:
    """Return the mail, or None when there is none of this id."""
    if not _NAME.match(mail_id):
        return None
    try:
        raw = email.message_from_bytes(
            (_folder() / f"{mail_id}.eml").read_bytes(), policy=email.policy.default
        )
    except OSError:
        return None
    assert isinstance(raw, EmailMessage)  # what this policy makes  # noqa: S101
    return Mail(mail_id, raw)
