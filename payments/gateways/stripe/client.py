"""Stripe's client with our limits, and its errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import stripe
from django.conf import settings

from payments.gateways.base import Account, GatewayBusy, GatewayRefused, GatewayUncertain

# Seconds for connecting and for reading. The relay's lease leaves room for several such calls.
TIMEOUT = (3.05, 8.0)


def client_for(account: Account) -> stripe.StripeClient:
    """Return the client of an account; `stripe_account` makes it act for a connected one."""
    return _client(
        str(account.credentials.get("secret_key", "")),
        str(account.credentials.get("stripe_account", "")),
        settings.STRIPE_API_BASE,
    )


@lru_cache(maxsize=256)
def _client(secret_key: str, connected: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        secret_key,
        stripe_account=connected or None,
        base_addresses={"api": base},
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
        # Our rows retry with the same idempotency key; the client would hide the waiting.
        max_network_retries=0,
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turn Stripe's errors into ours.

    A 4xx is a refusal, except for 409 and 429: those were not carried out. No answer, 5xx and what
    cannot be read leave open whether the call took effect.
    Source: docs.stripe.com/error-handling and /api/idempotent_requests.
    """
    try:
        yield
    except (stripe.RateLimitError, stripe.IdempotencyError) as error:
        if isinstance(error, stripe.IdempotencyError) and error.http_status != 409:  # noqa: PLR2004  409: the first call still runs
            raise GatewayRefused("idempotency_mismatch") from error
        raise GatewayBusy(error.code or "rate_limit") from error
    except stripe.APIConnectionError as error:
        raise GatewayUncertain("no_answer") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise GatewayRefused("credentials_refused") from error
    except stripe.CardError as error:
        raise GatewayRefused(getattr(error.error, "decline_code", None) or "declined") from error
    except stripe.InvalidRequestError as error:
        if error.http_status == 409:  # noqa: PLR2004  idempotency_key_in_use: the first call still runs
            raise GatewayBusy(error.code or "in_progress") from error
        raise GatewayRefused(error.code or "invalid_request") from error
    except stripe.StripeError as error:
        raise GatewayUncertain(f"http_{error.http_status or 'error'}") from error
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise GatewayUncertain("unreadable_answer") from error
