"""The API held against its own document, by generated requests that are the same each time."""

import itertools
import re
from typing import Any

import orjson
import pytest
import schemathesis
from django.conf import settings
from django.test import Client
from schemathesis.engine import Status, from_schema
from schemathesis.engine import events as engine_events

from accounts.links import guest_token
from bookings import actions
from common.openapi_pages import document
from config.wsgi import application
from tests.factories.accounts import ContactFactory, MembershipFactory
from tests.factories.bookings import NOW, at, make_shop
from tests.factories.payments import GatewayAccountFactory, PaymentFactory

EXAMPLES = 5
VISIBLE = re.compile(r"^[!-~]{1,255}$")
KEYS = itertools.count()


@schemathesis.hook("before_call")
def fresh_key(_context: Any, case: Any, **_kwargs: Any) -> None:
    """Give each request a key of its own: a used one says nothing of the request."""
    if VISIBLE.match(str((case.headers or {}).get("Idempotency-Key", ""))):
        case.headers["Idempotency-Key"] = f"key-{next(KEYS)}"


def failures(headers: dict[str, str], parameters: dict[str, Any]) -> tuple[list[str], int]:
    """Run the phases and return what was wrong, and how many requests were made."""
    schema = schemathesis.openapi.from_wsgi("/api/schema", application)
    config = schema.config
    config.update(headers=headers, parameters=parameters, workers=1, continue_on_failure=True)
    config.phases.update(phases=["examples", "coverage", "fuzzing"])
    config.generation.update(max_examples=EXAMPLES, deterministic=True, database="none")
    # Whether a cursor, a zone or an origin is one of ours cannot be said in a schema.
    accepted = config.checks.positive_data_acceptance
    accepted.expected_statuses = [*accepted.expected_statuses, "400"]
    wrong: list[str] = []
    requests = 0
    for event in from_schema(schema).execute():
        if isinstance(event, engine_events.NonFatalError | engine_events.FatalError):
            wrong.append(str(getattr(event, "info", None) or getattr(event, "exception", "")))
        if isinstance(event, engine_events.ScenarioFinished):
            requests += len(event.recorder.interactions)
            wrong += [
                f"{event.recorder.label} {_told(check, event.recorder.interactions[case].response)}"
                for case, checks in event.recorder.checks.items()
                for check in checks
                if check.status == Status.FAILURE
            ]
    return wrong, requests


def _told(check: Any, answer: Any) -> str:
    info = check.failure_info
    body = answer.content[:300] if answer else b""
    return f"{check.name}: {info.failure.title} {info.failure.message} {info.code_sample} {body!r}"


class TestDocument:
    def test_is_openapi_3_1_and_names_every_operation(self):
        found = orjson.loads(document())

        assert found["openapi"] == "3.1.0"
        operations = [item for path in found["paths"].values() for item in path.values()]
        names = [item["operationId"] for item in operations]
        assert len(names) == len(set(names)) == 39
        for item in operations:
            assert item["summary"]
            assert {"400", "404", "429"} <= set(item["responses"])
            error = item["responses"]["404"]["content"]["application/json"]["schema"]
            assert error == {"$ref": "#/components/schemas/Error"}

    def test_names_who_may_come_in_and_by_which_scope(self):
        found = orjson.loads(document())

        people: list[dict[str, list[str]]] = [{"session": []}, {"accessToken": []}]
        paths = found["paths"]
        assert paths["/api/v1/me"]["get"]["security"] == people
        assert paths["/api/v1/refunds"]["post"]["security"] == [
            *people,
            {"apiKey": ["refunds:write"]},
        ]
        assert paths["/api/v1/businesses"]["get"]["security"] == [{}, *people]
        assert set(found["components"]["securitySchemes"]) == {"session", "accessToken", "apiKey"}
        assert "/api/auth/app/v1/tokens/refresh" in found["info"]["description"]

    def test_refuses_unknown_fields_on_paper_too(self):
        schemas = orjson.loads(document())["components"]["schemas"]

        assert schemas["BookingInput"]["additionalProperties"] is False


@pytest.mark.django_db
class TestPages:
    def test_document_is_kept_by_its_readers(self, guest):
        first = guest.get("/api/schema")

        assert first.headers["Content-Type"] == "application/json"
        again = guest.get("/api/schema", **{"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304

    def test_page_keeps_to_the_strict_policy(self, guest):
        answer = guest.get("/api/docs", Accept="text/html")
        text = answer.content.decode()

        assert answer.headers["Content-Type"].startswith("text/html")
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "<script>" not in text
        assert "<style" not in text
        assert 'data-schema="/api/schema"' in text


@pytest.mark.django_db(transaction=True)
class TestGeneratedRequests:
    @pytest.fixture
    def shop(self, many_requests, no_other_sessions):
        tier = make_shop()
        business = tier.service.business
        account = GatewayAccountFactory(business=business)
        contact = ContactFactory(business=business)
        booking = actions.create_booking(
            tier_id=tier.public_id, starts_at=at(9), customer=contact, now=NOW
        )
        payment = PaymentFactory(
            business=business,
            contact=contact,
            gateway_account=account,
            payable_type="booking",
            payable_id=booking.public_id,
            purpose="balance",
            paid=True,
        )
        return tier, booking, payment

    @pytest.mark.timeout(400)
    @pytest.mark.parametrize("who", ["guest", "owner"])
    def test_find_nothing_the_document_does_not_say(self, shop, who):
        tier, booking, payment = shop
        business = tier.service.business
        parameters = {
            "path.business": business.slug,
            "path.service": tier.service.slug,
            "path.booking": booking.public_id,
            "path.payment": payment.public_id,
            "query.tier": tier.public_id,
            "header.X-Client-Id": "0123456789abcdef0123456789abcdef",
        }
        headers = {"X-Booking-Token": guest_token(subject=booking.public_id)}
        if who == "owner":
            client = Client()
            client.force_login(MembershipFactory(business=business).user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            csrf = "c" * 32
            headers = {
                "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; "
                f"{settings.CSRF_COOKIE_NAME}={csrf}",
                "X-CSRFToken": csrf,
            }

        wrong, requests = failures(headers, parameters)
        assert "\n".join(wrong) == ""
        assert requests > 300
