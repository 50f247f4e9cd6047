"""A mail backend that keeps each mail as a file, for trying out without a mail server."""

import datetime as dt
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

KEEP = 500


class InboxBackend(BaseEmailBackend):
    """Writes `YYYYMMDD-HHMMSS-ffffff-xxxx.eml` under EMAIL_FILE_PATH and forgets the oldest."""

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:  # noqa: FBT001, FBT002  Django's own signature
        """Make the folder."""
        super().__init__(fail_silently, **options)
        self.folder = Path(settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the mails; a reader never sees half of one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%d-%H%M%S-%f")
            name = f"{stamp}-{secrets.token_hex(2)}.eml"
            unfinished = self.folder / f".{name}"
            unfinished.write_bytes(message.message().as_bytes())
            unfinished.rename(self.folder / name)
        for old in sorted(self.folder.glob("*.eml"))[:-KEEP]:
            old.unlink(missing_ok=True)
        return len(email_messages)
