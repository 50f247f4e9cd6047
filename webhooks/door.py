"""The order of checks at the door: known, small, proven, readable, stored, answered.

Nothing is parsed before it is proven, no limit is read before proof has failed, and the answer
depends on the database alone: never on a provider, the broker or the cache.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from common.client_address import client_address
from common.errors import RateLimited
from webhooks import endpoints, failures, sources, storing
from webhooks.errors import BadSignature, MalformedNotice, NoticeTooLarge, UnknownEndpoint
from webhooks.sources import Endpoint, InboundRequest, InboundSource, Reply

logger = logging.getLogger(__name__)


def receive(request: HttpRequest, *, code: str, endpoint_id: str = "") -> Reply:
    """Verify and store a notice and return the provider's reply.

    Raises UnknownEndpoint 404, NoticeTooLarge 413, BadSignature 403, RateLimited 429 (for failed
    verifications only), MalformedNotice 400, Busy 503. A repeat is answered as the first was.
    """
    source = sources.get(code)
    if request.method not in source.methods:
        raise UnknownEndpoint
    inbound = _read(request)
    try:
        endpoint = _prove(source, endpoint_id, inbound)
    except (BadSignature, UnknownEndpoint) as error:
        return _turn_away(source, endpoint_id, inbound, error)
    notice = source.name(inbound)
    if not notice.event_id or "\x00" in notice.event_id + notice.type:
        raise MalformedNotice
    receipt = storing.store(
        provider=code, endpoint_id=endpoint_id, endpoint=endpoint, request=inbound, notice=notice
    )
    if receipt.is_conflict:
        logger.error("notice id came with other content", extra={"inbound_id": receipt.id})
    return source.reply(notice, receipt)


def _read(request: HttpRequest) -> InboundRequest:
    limit = settings.WEBHOOK_MAX_BYTES
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not declared.isdigit() or int(declared) > limit:
        raise NoticeTooLarge
    body = request.read(limit + 1)
    if len(body) > limit:
        raise NoticeTooLarge
    return InboundRequest(
        method=request.method or "",
        headers=_headers(request.META),
        query=request.META.get("QUERY_STRING", ""),
        body=body,
        address=client_address(request),
        received_at=datetime.now(UTC),
    )


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """Return the request's headers, names in lower case, without Django's slower view of them."""
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if value := environ.get(name):
            headers[name.replace("_", "-").lower()] = value
    return headers


def _prove(source: InboundSource, endpoint_id: str, inbound: InboundRequest) -> Endpoint:
    endpoint = endpoints.find(source, endpoint_id)
    if endpoint is None:
        raise UnknownEndpoint
    try:
        source.verify(inbound, endpoint)
    except BadSignature:
        endpoint = endpoints.find_again(source, endpoint_id)
        if endpoint is None:
            raise
        source.verify(inbound, endpoint)
    return endpoint


def _turn_away(
    source: InboundSource,
    endpoint_id: str,
    inbound: InboundRequest,
    error: BadSignature | UnknownEndpoint,
) -> Reply:
    verdict = failures.count(source.code, inbound.address)
    logger.warning("notice refused", extra={"gateway": source.code, "reason": type(error).__name__})
    if not verdict.is_allowed:
        raise RateLimited(headers=verdict.headers())
    if isinstance(error, UnknownEndpoint):
        raise error
    known = endpoints.find(source, endpoint_id)
    failures.log(
        source.code, endpoint_id, known.business if known else "", inbound, type(error).__name__
    )
    reply = source.reply_forged()
    if reply is None:
        raise error
    return reply
