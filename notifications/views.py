"""The local inbox: mails kept on this machine, for trying out. Answers 404 where mail is sent."""

from csp.decorators import csp, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from notifications.inbox import reader
from notifications.inbox.reader import Mail

# A mail styles itself and may do nothing else.
_MAIL_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
    "frame-ancestors": ["'self'"],
}


def _require_local() -> None:
    if not settings.INBOX_ENABLED:
        raise Http404


def _find(mail_id: str) -> Mail:
    mail = reader.find(mail_id)
    if mail is None:
        raise Http404
    return mail


@require_safe
@never_cache
@csp_update({"frame-src": ["'self'"]})
def inbox(request: HttpRequest, mail_id: str = "") -> HttpResponse:
    """List the kept mails and show one: as HTML, as text, and its files."""
    _require_local()
    mails = reader.mails()
    chosen = _find(mail_id) if mail_id else (mails[0] if mails else None)
    return render(
        request, "notifications/inbox.html", {"mails": mails, "chosen": chosen, "nav": "inbox"}
    )


@require_safe
@never_cache
@csp(_MAIL_POLICY)  # type: ignore[arg-type]  # its type knows views without arguments only
@xframe_options_sameorigin
def inbox_html(request: HttpRequest, mail_id: str) -> HttpResponse:
    """Show the HTML part of a mail by itself, unable to run or load anything."""
    _require_local()
    # Links open beside the inbox; the frame itself may show nothing but the mail.
    return HttpResponse(f'<base target="_blank">{_find(mail_id).html}')


@require_safe
@never_cache
def inbox_attachment(request: HttpRequest, mail_id: str, number: int) -> HttpResponse:
    """Hand out an attached file."""
    _require_local()
    files = _find(mail_id).attachments
    if number >= len(files):
        raise Http404
    found = files[number]
    answer = HttpResponse(found.content, content_type=found.content_type)
    answer["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return answer
