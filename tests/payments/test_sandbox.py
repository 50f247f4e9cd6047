"""The sandbox end to end: its page, its buttons, its signed notices over HTTP."""

import datetime as dt

import httpx
import pytest
from django.conf import settings as django_settings
from django.core import checks
from django.test import Client
from django.urls import reverse

from events import relay
from events.models import Reaction
from payments import actions, provider_calls
from payments.checks import check_sandbox
from payments.gateways import registry
from payments.models import LedgerEntry, Payment, Refund, SandboxCharge, SandboxDelivery
from tests.factories.payments import SANDBOX_SECRET
from tests.payments.parcel import state
from webhooks.models import InboundEvent

pytestmark = pytest.mark.django_db(transaction=True)


def start(contact) -> Payment:
    return provider_calls.start_payment(
        payable_type="parcel",
        payable_id=contact.public_id,
        purpose="deposit",
        return_url="/done",
    )


def press(client: Client, payment: Payment, choice: str) -> None:
    path = payment.checkout_url.removeprefix(django_settings.SITE_URL)
    page = client.get(path)
    assert page.status_code == 200
    assert f'value="{choice}"' in page.content.decode()
    response = client.post(path, {"choice": choice})
    assert (response.status_code, response["Location"]) == (302, "/done")
    relay.drain_all()
    payment.refresh_from_db()


@pytest.mark.row("A5")
class TestButtons:
    def test_approve_pays(self, client, contact, parcel, sandbox_account):
        payment = start(contact)
        press(client, payment, "approve")
        assert (payment.status, state(contact.public_id)) == ("succeeded", "confirmed")
        [event] = InboundEvent.objects.all()
        assert (event.provider, event.type, event.outcome) == (
            "sandbox",
            "payment.paid",
            "applied",
        )

    def test_decline_fails(self, client, contact, parcel, sandbox_account):
        payment = start(contact)
        press(client, payment, "decline")
        assert (payment.status, payment.failure_code) == ("failed", "declined")
        assert state(contact.public_id) == ""
        assert start(contact).pk != payment.pk

    def test_never_is_found_by_asking(self, client, contact, parcel, sandbox_account):
        payment = start(contact)
        press(client, payment, "never")
        assert (payment.status, InboundEvent.objects.count()) == ("pending", 0)
        due = Reaction.objects.get(name="payments.check_payment", state=0).due_at
        assert due - payment.created_at < dt.timedelta(minutes=15)
        Reaction.objects.update(due_at=payment.created_at)
        relay.drain_all()
        payment.refresh_from_db()
        assert (payment.status, state(contact.public_id)) == ("succeeded", "confirmed")

    def test_twice_pays_once(self, client, contact, parcel, sandbox_account):
        payment = start(contact)
        press(client, payment, "twice")
        assert payment.status == "succeeded"
        [event] = InboundEvent.objects.all()
        assert (event.duplicates, len(parcel.paid_calls)) == (1, 1)
        assert LedgerEntry.objects.count() == 1

    @pytest.mark.parametrize(("refuses", "end"), [(False, "confirmed"), (True, "refunded")])
    def test_late_wins_again_or_goes_back(  # noqa: PLR0917  fixtures
        self, client, contact, parcel, sandbox_account, refuses, end
    ):
        payment = start(contact)
        press(client, payment, "late")
        assert payment.status == "pending"
        Payment.objects.update(expires_at=payment.created_at)
        actions.expire_payment(payment_id=payment.public_id, now=dt.datetime.now(dt.UTC))
        relay.drain_all()
        payment.refresh_from_db()
        assert payment.status == "expired"
        parcel.refuses = refuses
        SandboxDelivery.objects.update(due_at=payment.created_at)
        relay.drain_all()
        payment.refresh_from_db()
        assert (payment.status, state(contact.public_id)) == ("succeeded", end)
        assert Refund.objects.count() == int(refuses)
        assert payment.refunded_minor == (150000 if refuses else 0)

    def test_only_the_first_choice_counts(self, client, contact, parcel, sandbox_account):
        payment = start(contact)
        press(client, payment, "decline")
        path = payment.checkout_url.removeprefix(django_settings.SITE_URL)
        assert b'value="approve"' not in client.get(path).content
        client.post(path, {"choice": "approve"})
        assert SandboxCharge.objects.get().status == "declined"


class TestPage:
    def test_of_an_unknown_token_is_missing(self, client):
        assert client.get("/sandbox/pay/nothing/").status_code == 404

    def test_escapes_what_it_shows(self, client, contact, parcel, sandbox_account):
        payment = start(contact)
        SandboxCharge.objects.update(description="<script>alert(1)</script>")
        path = payment.checkout_url.removeprefix(django_settings.SITE_URL)
        assert b"<script>alert" not in client.get(path).content


class TestNotices:
    def test_forged_are_refused(self, client, contact, parcel, sandbox_account):
        start(contact)
        url = reverse("inbound_webhook_endpoint", args=["sandbox", sandbox_account.endpoint_id])
        body = b'{"id": "sbxe_1", "type": "payment.paid", "data": {}}'
        response = client.post(
            url,
            body,
            "application/json",
            headers={
                "webhook-id": "sbxe_1",
                "webhook-timestamp": "1795142000",
                "webhook-signature": "v1,AAAA",
            },
        )
        assert response.status_code == 403

    def test_are_sent_again_until_accepted(
        self, client, contact, parcel, sandbox_account, monkeypatch
    ):
        payment = start(contact)
        real = httpx.post
        answers = iter([httpx.Response(503)])
        monkeypatch.setattr(
            "payments.gateways.sandbox.delivery.httpx.post",
            lambda *a, **k: next(answers, None) or real(*a, **k),
        )
        press(client, payment, "approve")
        assert payment.status == "pending"
        SandboxDelivery.objects.update(due_at=payment.created_at)
        relay.drain_all()
        payment.refresh_from_db()
        assert payment.status == "succeeded"


class TestProduction:
    def test_has_no_sandbox(self, settings, contact, client):
        settings.ENVIRONMENT = "production"
        assert registry.codes() == ["stripe"]
        with pytest.raises(registry.UnknownGateway):
            registry.get("sandbox")
        with pytest.raises(registry.SandboxRefused):
            registry.register("sandbox", object)  # type: ignore[arg-type]  # refused before use
        [error] = check_sandbox(None)
        assert (error.id, error.level) == ("payments.E001", checks.ERROR)

    def test_settings_do_not_enable_it(self):
        from pathlib import Path

        base = Path(django_settings.BASE_DIR) / "config/settings"
        assert "SANDBOX_GATEWAY_ENABLED = False" in (base / "base.py").read_text()
        assert "SANDBOX" not in (base / "production.py").read_text()

    def test_is_quiet_elsewhere(self):
        assert check_sandbox(None) == []
        assert SANDBOX_SECRET not in repr(registry.get("sandbox"))
