"""Idempotency-Key on an endpoint: the HTTP side of common.idempotency."""

import functools
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, transaction
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from common import context, idempotency, json_format
from common.api import as_domain_error
from common.authentication import client_id, principal
from common.db import retry_on_conflict
from common.idempotency import Answer, ClientIdRequired, IdempotencyKeyRequired, Taken

Handler = Callable[..., Response | HttpResponse]


def idempotent(
    *,
    scope: Callable[[Request], str] = lambda _request: "",
    is_required: bool = False,
    joins: bool = True,
    fallback_key: Callable[[Request], str] | None = None,
    is_stale: Callable[[bytes], bool] = lambda _body: False,
) -> Callable[[Handler], Handler]:
    """Make a view's method have one effect and one answer for each Idempotency-Key.

    `scope` tells a guest's client ids apart, by the business or booking the body names. With
    `joins` the handler runs in one transaction with the stored answer; a handler that talks to a
    provider in between must not. `fallback_key` makes up a key from the body where the caller may
    leave it out; without it and with `is_required` such a request is refused. The answer under
    a made-up key is dropped when `is_stale` says that it no longer holds.
    """

    def decorate(handler: Handler) -> Handler:
        @functools.wraps(handler)
        def wrapped(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
            key = request.headers.get("Idempotency-Key")
            is_derived = key is None and fallback_key is not None
            if key is None and fallback_key is not None:
                key = fallback_key(request)
            if key is None:
                if is_required:
                    raise IdempotencyKeyRequired
                return handler(view, request, *args, **kwargs)
            who = _principal(request, scope(request), is_derived=is_derived)

            def run() -> Response | HttpResponse:
                return handler(view, request, *args, **kwargs)

            if who is None:
                return retry_on_conflict(transaction.atomic(run))() if joins else run()
            key = idempotency.check_key(key)
            # A made-up key says by itself which request it is.
            body = key if is_derived else request.data
            print_ = idempotency.fingerprint(
                method=str(request.method), route=request.path, body=body
            )
            taken = idempotency.take(principal=who, key=key, fingerprint=print_)
            if isinstance(taken, Answer) and is_derived and is_stale(taken.body):
                idempotency.forget(principal=who, key=key)
                taken = idempotency.take(principal=who, key=key, fingerprint=print_)
            if isinstance(taken, Answer):
                return _replayed(taken)
            return _carry_out(taken, run, joins=joins)

        wrapped.idempotency = "required" if is_required else "honoured"  # type: ignore[attr-defined]  # read by the schema
        return wrapped

    return decorate


def _principal(request: Request, scope: str, *, is_derived: bool) -> str | None:
    """Return whose answer is kept; None for a guest who cannot be told from another.

    A made-up key is then left to the action, which does not do the same thing twice either. Raises
    ClientIdRequired for such a guest with a key of their own.
    """
    signed_in = principal(request)
    if signed_in is not None:
        return signed_in
    client = client_id(request)
    if client is not None:
        return f"client:{scope}:{client}"
    if is_derived:
        return None
    raise ClientIdRequired


def _replayed(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, content_type="application/json")
    response["Idempotent-Replayed"] = "true"
    return response


def _carry_out(
    taken: Taken, run: Callable[[], Response | HttpResponse], *, joins: bool
) -> HttpResponse:
    def attempt() -> HttpResponse:
        response = run()
        body = (
            json_format.dump(response.data) if isinstance(response, Response) else response.content
        )
        idempotency.store(taken, status=response.status_code, body=body)
        return HttpResponse(body, status=response.status_code, content_type="application/json")

    try:
        return retry_on_conflict(transaction.atomic(attempt))() if joins else attempt()
    except Exception as error:
        _settle_failure(taken, error)
        raise


def _settle_failure(taken: Taken, error: Exception) -> None:
    """Keep a final refusal as the answer; give the key back after anything else."""
    refusal = as_domain_error(error)
    try:
        if refusal is not None and idempotency.is_stored(refusal.status):
            body = json_format.dump(refusal.envelope(context.request_id.get()))
            idempotency.store(taken, status=refusal.status, body=body)
        else:
            idempotency.release(taken)
    except (DatabaseError, idempotency.IdempotencyInProgress):
        # The lease ends by itself, or another run owns the key now.
        return
