"""Who sees and may do what in the admin: staff their business, superusers everything."""

import pytest
from django.contrib import admin
from django.test import Client

from accounts.console import RecordAdmin, ScopedModelAdmin
from accounts.models import AuditEntry, Business, Contact, Role
from accounts.policy import rules
from bookings.models import Booking, Service
from events.models import Event, WorkFailure
from payments.models import GatewayAccount, LedgerEntry, Payment, Refund
from tests.factories.accounts import BusinessFactory, ContactFactory, MembershipFactory
from tests.factories.bookings import BookingFactory
from tests.factories.payments import GatewayAccountFactory, PaymentFactory
from tests.factories.sign_in import staff_of, superuser, verified_client
from webhooks.models import InboundEvent

NEVER_WRITTEN = (Payment, Refund, LedgerEntry, Event, AuditEntry, InboundEvent, WorkFailure)


def url(item: object, *more: str) -> str:
    meta = item._meta  # type: ignore[attr-defined]
    return "/".join(["/admin", meta.app_label, meta.model_name, *more, ""])


@pytest.fixture
def shop(db: None) -> Business:
    return BusinessFactory(name="Lotus Spa")


@pytest.fixture
def other(db: None) -> Business:
    return BusinessFactory(name="Other Salon")


@pytest.fixture
def owner(shop: Business) -> Client:
    return verified_client(staff_of(shop))


class TestAnotherBusiness:
    @pytest.mark.row("E3")
    def test_its_rows_are_in_no_list_and_behind_no_address(
        self, shop: Business, owner: Client
    ) -> None:
        mine, theirs = BookingFactory(tier__service__business=shop), BookingFactory()
        rows = [
            (mine, theirs),
            (PaymentFactory(business=shop), PaymentFactory()),
            (mine.contact, theirs.contact),
            (GatewayAccountFactory(business=shop, gateway="x"), GatewayAccountFactory()),
            (mine.service, theirs.service),
            (mine.calendar, theirs.calendar),
            (shop, theirs.business),
        ]

        for own, foreign in rows:
            shown = {row.pk for row in owner.get(url(own)).context["cl"].result_list}
            assert own.pk in shown
            assert foreign.pk not in shown
            assert owner.get(url(own, str(own.pk), "change")).status_code == 200
            assert owner.get(url(foreign, str(foreign.pk), "change")).status_code == 403
            assert owner.get(url(foreign, "999999999", "change")).status_code == 404

    def test_its_buttons_do_nothing(self, owner: Client) -> None:
        booking = BookingFactory()

        answer = owner.post(url(booking, str(booking.pk), "do", "confirm"))

        booking.refresh_from_db()
        assert (answer.status_code, booking.status) == (403, "pending")

    def test_its_name_is_in_no_filter(self, shop: Business, other: Business, owner: Client) -> None:
        MembershipFactory(user=_user(owner), business=BusinessFactory(name="Second Shop"))

        page = owner.get(url(Booking)).content.decode()

        assert "Second Shop" in page
        assert "Other Salon" not in page

    def test_nothing_of_it_is_on_the_first_page(self, owner: Client) -> None:
        BookingFactory(confirmed=True)

        context = owner.get("/admin/").context

        assert [tile.value for tile in context["figures"]] == ["0", "0", "0", "0"]
        assert context["bookings"] == []

    def test_being_a_customer_elsewhere_opens_nothing_there(
        self, other: Business, owner: Client
    ) -> None:
        contact = ContactFactory(business=other, user=_user(owner))

        shown = owner.get(url(Contact)).context["cl"].result_list

        assert contact not in list(shown)


def _user(client: Client):
    from accounts.models import User

    return User.objects.get(pk=client.session["_auth_user_id"])


class TestRoles:
    @pytest.mark.row("E3")
    def test_the_front_desk_may_not_refund(self, shop: Business) -> None:
        desk = verified_client(staff_of(shop, Role.FRONT_DESK))
        payment = PaymentFactory(business=shop, paid=True)

        page = desk.get(url(payment, str(payment.pk), "change"))
        answer = desk.get(url(payment, str(payment.pk), "do", "refund"))

        assert [button.name for button, _ in page.context["buttons"]] == []
        assert answer.status_code == 403

    def test_an_auditor_sees_but_changes_nothing(self, shop: Business) -> None:
        auditor = verified_client(staff_of(shop, Role.AUDITOR))
        booking = BookingFactory(tier__service__business=shop)

        page = auditor.get(url(booking, str(booking.pk), "change"))

        assert page.context["buttons"] == []
        assert page.context["has_change_permission"] is False

    def test_staff_without_a_business_see_an_empty_admin(self, db: None) -> None:
        from tests.factories.accounts import UserFactory

        client = verified_client(UserFactory(is_staff=True))
        page = client.get("/admin/")

        assert page.status_code == 200
        assert [group["items"][0]["link"] for group in page.context["sidebar_navigation"]] == [
            "/admin/"
        ]
        assert client.get(url(Booking)).status_code == 403

    def test_the_developer_sees_notices_and_no_customers(self, shop: Business) -> None:
        client = verified_client(staff_of(shop, Role.DEVELOPER))

        assert client.get(url(InboundEvent)).status_code == 200
        assert client.get(url(Contact)).status_code == 403

    def test_users_and_work_are_for_superusers(self, shop: Business, owner: Client) -> None:
        for path in ("/admin/accounts/user/", "/admin/events/reaction/"):
            assert owner.get(path).status_code == 403
            assert verified_client(superuser()).get(path).status_code == 200


class TestRecords:
    @pytest.mark.row("E12")
    @pytest.mark.parametrize("model", NEVER_WRITTEN)
    def test_nobody_adds_changes_or_deletes_them(self, rf, db: None, model) -> None:
        request = rf.get("/")
        request.user = superuser()
        page = admin.site._registry[model]

        assert page.has_view_permission(request) is True
        assert page.has_add_permission(request) is False
        assert page.has_change_permission(request) is False
        assert page.has_delete_permission(request) is False

    def test_add_and_delete_addresses_refuse_even_superusers(self, db: None) -> None:
        client = verified_client(superuser())
        payment = PaymentFactory(paid=True)

        assert client.get(url(Payment, "add")).status_code == 403
        assert client.post(url(payment, str(payment.pk), "delete")).status_code == 403
        assert client.post(url(payment, str(payment.pk), "change"), {}).status_code == 403
        assert Payment.objects.count() == 1

    def test_credentials_are_on_no_page(self, shop: Business, owner: Client) -> None:
        account = GatewayAccountFactory(business=shop)

        page = owner.get(url(account, str(account.pk), "change")).content.decode()

        assert "sandbox_test_secret" not in page
        assert GatewayAccount.objects.get(pk=account.pk).credentials["webhook_secrets"]


class TestPages:
    def test_every_page_of_ours_is_scoped(self) -> None:
        ours = {"accounts", "events", "webhooks", "payments", "bookings", "notifications"}

        loose = [
            page
            for model, page in admin.site._registry.items()
            if model._meta.app_label in ours and not isinstance(page, ScopedModelAdmin)
        ]

        assert loose == []

    def test_every_page_has_a_rule_or_is_for_superusers(self, rf, shop: Business) -> None:
        request = rf.get("/")
        request.user = staff_of(shop)
        ruled = {rule.model for rule in rules()}

        for model, page in admin.site._registry.items():
            if isinstance(page, RecordAdmin) or model in ruled:
                continue
            assert page.has_view_permission(request) is False, model

    def test_every_list_and_add_page_opens(self, db: None) -> None:
        client = verified_client(superuser())

        for model in admin.site._registry:
            assert client.get(url(model)).status_code == 200, model
            assert client.get(url(model, "add")).status_code in {200, 403}, model

    def test_own_service_is_saved_and_another_businesss_is_refused(
        self, shop: Business, other: Business, owner: Client
    ) -> None:
        form = {"name": "Massage", "slug": "massage", "position": "0", "is_active": "on"}

        saved = owner.post(url(Service, "add"), {**form, "business": shop.pk})
        refused = owner.post(url(Service, "add"), {**form, "business": other.pk})

        assert (saved.status_code, refused.status_code) == (302, 200)
        assert list(Service.objects.values_list("business__name", flat=True)) == ["Lotus Spa"]
        assert AuditEntry.objects.get(action="service.add").business == shop.public_id
