"""The inbound door over HTTP."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from common.api import error_response
from common.errors import DomainError
from webhooks import door


@csrf_exempt  # providers prove themselves by signature, and no session is ever read here
def receive(request: HttpRequest, gateway: str, endpoint_id: str = "") -> HttpResponse:
    """Take a notice in and answer as its provider expects."""
    try:
        reply = door.receive(request, code=gateway, endpoint_id=endpoint_id)
    except DomainError as error:
        return error_response(error)
    return HttpResponse(
        reply.body,
        status=reply.status,
        content_type=reply.content_type,
        headers=dict(reply.headers),
    )
