"""Every door through which staff change something leaves an entry: who, whence, what before."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.test import Client
from django.urls import get_resolver, reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from accounts.console import ScopedModelAdmin
from accounts.console.recording import RecordedPage
from accounts.models import AuditEntry, Business, User
from bookings import actions as booking_actions
from bookings.models import Booking, Task, Tier
from tests.api.conftest import signed_in, wish
from tests.factories.accounts import ContactFactory, MembershipFactory
from tests.factories.bookings import NOW, BookingFactory, TaskTemplateFactory, at, make_shop
from tests.factories.payments import PaymentFactory
from tests.factories.sign_in import staff_of, superuser, verified_client


@dataclass
class Shop:
    tier: Tier
    business: Business
    owner: User
    client: Client

    def booking(self, **fields: Any) -> Booking:
        calendar = self.tier.service.performers.first()
        return BookingFactory(tier=self.tier, calendar=calendar, **fields)

    def step(self, name: str, **fields: Any) -> Any:
        booking = self.booking(**fields)
        return self.client.post(reverse("manage_step", args=[booking.public_id, name]))

    def desk(self, page: str, *rest: str, **data: Any) -> Any:
        return self.client.post(reverse(page, args=[self.business.slug, *rest]), data)


@pytest.fixture
def shop(db: None):
    with time_machine.travel(NOW, tick=False):
        tier = make_shop()
        business = tier.service.business
        owner = MembershipFactory(business=business).user
        client = Client(headers={"user-agent": "Test browser"}, REMOTE_ADDR="203.0.113.7")
        client.force_login(owner)
        yield Shop(tier, business, owner, client)


def _service(shop: Shop, *ids: str) -> Any:
    service = shop.tier.service
    name = "manage_service" if ids else "manage_service_new"
    return shop.desk(
        name,
        *ids,
        **{
            "name": "Foot massage",
            "summary": "",
            "description": "",
            "is_active": "on",
            "performers": [service.performers.get().pk],
            "tiers-TOTAL_FORMS": "1",
            "tiers-INITIAL_FORMS": "1" if ids else "0",
            "tiers-MIN_NUM_FORMS": "1",
            "tiers-MAX_NUM_FORMS": "20",
            "tiers-0-public_id": shop.tier.public_id if ids else "",
            "tiers-0-name": "Half an hour",
            "tiers-0-price": "45.50",
            "tiers-0-deposit_kind": "percent",
            "tiers-0-deposit": "20",
            "tiers-0-duration_minutes": "30",
            "tiers-0-buffer_after_minutes": "10",
            "tiers-0-notice_minutes": "0",
            "tiers-0-seats": "1",
        },
    )


def _open_task(shop: Shop) -> Any:
    TaskTemplateFactory(service=shop.tier.service)
    booking = shop.booking()
    booking_actions.confirm_booking(booking_id=booking.public_id, now=NOW)
    task = Task.objects.get(booking=booking)
    return shop.client.post(reverse("manage_task_done", args=[booking.public_id, task.public_id]))


def _refund(shop: Shop) -> Any:
    booking = shop.booking(confirmed=True)
    payment = PaymentFactory(
        business=shop.business, paid=True, payable_type="booking", payable_id=booking.public_id
    )
    return shop.client.post(
        reverse("manage_refund", args=[booking.public_id]),
        {"payment": payment.public_id, "reason": "goodwill"},
    )


def _open_again(shop: Shop) -> Any:
    block = booking_actions.block_time(
        business=shop.business, dates=(at(0).date(), at(0).date()), reason="Holiday"
    )
    return shop.desk("manage_days_off_remove", block.public_id)


def _message(shop: Shop) -> Any:
    booking = shop.booking(confirmed=True)
    return shop.client.post(
        reverse("booking_messages", args=[booking.public_id]), {"body": "See you at nine"}
    )


# Every page of the desk that takes a post: how it is used, and what is then on record.
Use = Callable[[Shop], Any]
DESK: dict[str, list[tuple[Use, str, dict[str, str], dict[str, str]]]] = {
    "manage_step": [
        (
            lambda shop: shop.step("confirm"),
            "booking.confirm",
            {"status": "pending"},
            {"status": "confirmed"},
        ),
        (
            lambda shop: shop.step("cancel", confirmed=True),
            "booking.cancel",
            {"status": "confirmed"},
            {"status": "canceled"},
        ),
        (
            lambda shop: shop.step(
                "complete", confirmed=True, starts_at=at(9).replace(year=2027), ends_at=at(10)
            ),
            "booking.completed",
            {"status": "confirmed"},
            {"status": "completed"},
        ),
        (
            lambda shop: shop.step(
                "no_show", confirmed=True, starts_at=at(9).replace(year=2027), ends_at=at(10)
            ),
            "booking.no_show",
            {"status": "confirmed"},
            {"status": "no_show"},
        ),
        (
            lambda shop: shop.step("decline", status="requested"),
            "booking.decline",
            {"status": "requested"},
            {"status": "canceled"},
        ),
        (
            lambda shop: shop.step("approve", status="requested", deposit_minor=0, price_minor=0),
            "booking.approve",
            {"status": "requested"},
            {"status": "confirmed"},
        ),
    ],
    "manage_refund": [(_refund, "payment.refund", {}, {"amount_minor": "150000"})],
    "manage_task_done": [(_open_task, "task.done", {"status": "open"}, {"status": "done"})],
    "manage_service_new": [(_service, "service.save", {}, {"name": "Foot massage"})],
    "manage_service": [
        (
            lambda shop: _service(shop, shop.tier.service.public_id),
            "service.save",
            {"name": "Service"},
            {"name": "Foot massage"},
        )
    ],
    "manage_hours": [
        (
            lambda shop: shop.desk("manage_hours", start_2_0="10:00", end_2_0="12:00"),
            "hours.set_week",
            {"hours": "Monday 09:00-17:00"},
            {"hours": "Wednesday 10:00-12:00"},
        )
    ],
    "manage_days_off": [
        (
            lambda shop: shop.desk(
                "manage_days_off",
                first_date="2028-06-05",
                last_date="2028-06-06",
                reason="Holiday",
            ),
            "hours.close",
            {},
            {"first_date": "2028-06-05", "last_date": "2028-06-06", "reason": "Holiday"},
        )
    ],
    "manage_days_off_remove": [
        (_open_again, "hours.open", {"first_date": "2028-06-05", "reason": "Holiday"}, {})
    ],
    "manage_profile": [
        (
            lambda shop: shop.desk(
                "manage_profile",
                name="Lotus",
                timezone="UTC",
                locale="en",
                accent="#0f766e",
                phone="+84 28 3822 1234",
            ),
            "business.update",
            {"phone": "[personal]"},
            {"name": "Lotus", "phone": "[personal]"},
        )
    ],
    "booking_messages": [(_message, "booking.message", {}, {})],
}
READ_ONLY = {
    "manage_home",
    "manage_today",
    "manage_week",
    "manage_bookings",
    "manage_booking",
    "manage_services",
    "manage_payments",
    "manage_team",
    "manage_keys",
}
# Their own tests hold what is then on record: tests/accounts/test_team.py, test_api_keys.py.
ELSEWHERE = {
    "manage_invite",
    "manage_invitation_resend",
    "manage_invitation_cancel",
    "manage_leave",
    "manage_member_role",
    "manage_member_remove",
    "manage_hand_over",
    "manage_key_new",
    "manage_key_rotate",
    "manage_key_revoke",
}
USES = [(name, *use) for name, uses in DESK.items() for use in uses]


@pytest.mark.row("A3", "E12")
class TestDesk:
    def test_every_page_is_known_here(self) -> None:
        pages = {
            name
            for name in get_resolver().reverse_dict
            if isinstance(name, str) and name.startswith("manage_")
        }

        own = {name for name in DESK if name.startswith("manage_")}
        assert pages == own | READ_ONLY | ELSEWHERE

    @pytest.mark.parametrize("case", USES, ids=[f"{case[0]}-{case[2]}" for case in USES])
    def test_leaves_one_entry(
        self, shop: Shop, case: tuple[str, Use, str, dict[str, str], dict[str, str]]
    ) -> None:
        _name, use, action, before, after = case

        answer = use(shop)

        assert answer.status_code == 302, answer.content.decode()
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.actor) == (action, shop.owner.public_id)
        assert shop.business.public_id in {entry.business, entry.subject}
        shown = {key: re.sub(r" \d+$", "", entry.before[key]) for key in before}
        assert shown == before
        assert {key: entry.after[key] for key in after} == after
        assert entry.request_id == answer["X-Request-ID"]
        assert entry.personal is not None
        assert (entry.personal["address"], entry.personal["agent"]) == (
            "203.0.113.7",
            "Test browser",
        )

    def test_what_names_a_person_stands_in_the_erasable_column_only(self, shop: Shop) -> None:
        shop.business.phone = "+84 90 111 2222"
        shop.business.save()

        shop.desk(
            "manage_profile",
            name=shop.business.name,
            timezone="UTC",
            locale="en",
            accent="#0f766e",
            phone="+84 28 3822 1234",
        )

        entry = AuditEntry.objects.get()
        assert entry.before == entry.after == {"phone": "[personal]"}
        assert entry.personal is not None
        assert entry.personal["before"] == {"phone": "+84 90 111 2222"}
        assert entry.personal["after"] == {"phone": "+84 28 3822 1234"}

    def test_a_refused_step_leaves_none(self, shop: Shop) -> None:
        shop.step("complete", confirmed=True)

        assert not AuditEntry.objects.exists()


@pytest.mark.row("A3", "E12")
class TestApi:
    def test_staff_make_move_and_cancel_bookings_on_record(self, shop: Shop) -> None:
        caller = signed_in(shop.owner)

        made = caller.send("/api/v1/bookings", wish(shop.tier)).json()["booking"]["id"]
        caller.send(f"/api/v1/bookings/{made}/reschedule", {"starts_at": at(15).isoformat()})
        caller.send(f"/api/v1/bookings/{made}/cancel", {"reason": "Room flooded"})

        entries = list(AuditEntry.objects.order_by("id"))
        assert [entry.action for entry in entries] == [
            "booking.create",
            "booking.reschedule",
            "booking.cancel",
        ]
        assert {entry.subject for entry in entries} == {made}
        assert entries[1].before == {"starts_at": at(9).isoformat()}
        assert entries[1].after == {"starts_at": at(15).isoformat()}
        assert entries[2].after == {"status": "canceled", "cancel_reason": "[personal]"}

    def test_a_customer_who_books_for_themselves_makes_no_entry(self, shop: Shop) -> None:
        customer = ContactFactory(business=shop.business, user=MembershipFactory().user).user

        caller = signed_in(customer)
        body = {key: value for key, value in wish(shop.tier).items() if key != "customer"}
        answer = caller.send("/api/v1/bookings", body)

        assert answer.status_code == 201
        assert not AuditEntry.objects.exists()


@pytest.mark.row("A3", "E12")
class TestAdmin:
    def test_every_page_records_what_it_saves(self) -> None:
        pages = admin.site._registry.values()

        assert [
            page for page in pages if not isinstance(page, ScopedModelAdmin | RecordedPage)
        ] == []

    def test_a_saved_form_shows_before_and_after_and_hides_the_person(self, shop: Shop) -> None:
        contact = ContactFactory(business=shop.business, name="Lan", email="lan@example.test")
        client = verified_client(staff_of(shop.business))
        AuditEntry.objects.get(action="user.enroll_second_factor")

        client.post(
            f"/admin/accounts/contact/{contact.pk}/change/",
            {"name": "Mai", "email": "lan@example.test", "phone": "", "locale": "vi"},
        )

        entry = AuditEntry.objects.get(action="contact.change")
        assert entry.before == {"name": "[personal]", "locale": "en"}
        assert entry.after == {"name": "[personal]", "locale": "vi"}
        assert entry.personal is not None
        assert entry.personal["before"] == {"name": "Lan"}
        assert entry.personal["after"] == {"name": "Mai"}

    def test_rows_below_an_object_are_entries_of_their_own(self, shop: Shop) -> None:
        client = verified_client(staff_of(shop.business))
        service = shop.tier.service
        TaskTemplateFactory(service=service, title="Old")
        page = client.get(f"/admin/bookings/service/{service.pk}/change/")
        forms = [page.context["adminform"].form, *_inline_forms(page)]
        data = {
            form.add_prefix(name): _posted(form[name].value())
            for form in forms
            for name in form.fields
        }
        for formset in page.context["inline_admin_formsets"]:
            management = formset.formset.management_form
            data |= {management.add_prefix(n): management[n].value() for n in management.fields}
        data |= {
            "tiers-0-price_minor": "90.00",
            "task_templates-0-DELETE": "on",
            "slug": service.slug,
        }

        answer = client.post(
            f"/admin/bookings/service/{service.pk}/change/",
            {key: value for key, value in data.items() if value not in (None, "")},
        )

        assert answer.status_code == 302, answer.context["errors"]
        tier = AuditEntry.objects.get(action="tier.change")
        assert tier.subject == shop.tier.public_id
        assert (tier.before, tier.after) == ({"price_minor": "8000"}, {"price_minor": "9000"})
        gone = AuditEntry.objects.get(action="tasktemplate.delete")
        assert gone.before["title"] == "Old"

    def test_a_deletion_keeps_what_was_there(self, shop: Shop) -> None:
        client = verified_client(staff_of(shop.business))
        rule = shop.business.weekly_rules.get()

        client.post(f"/admin/bookings/weeklyrule/{rule.pk}/delete/", {"post": "yes"})

        entry = AuditEntry.objects.get(action="weeklyrule.delete")
        assert entry.subject == rule.public_id
        assert (entry.before["start_time"], entry.after) == ("09:00:00", {})

    def test_pages_of_third_parties_are_on_record_too(self, db: None) -> None:
        client = verified_client(superuser())
        every = IntervalSchedule.objects.create(every=10, period="seconds")
        task = PeriodicTask.objects.create(name="Sweep", task="events.sweep", interval=every)

        client.post(
            f"/admin/django_celery_beat/intervalschedule/{every.pk}/change/",
            {"every": "30", "period": "seconds"},
        )
        client.post(
            "/admin/django_celery_beat/periodictask/",
            {"action": "disable_tasks", "_selected_action": [task.pk]},
        )

        changed = AuditEntry.objects.get(action="intervalschedule.change")
        assert (changed.before, changed.after) == ({"every": "10"}, {"every": "30"})
        stopped = AuditEntry.objects.get(action="periodictask.disable_tasks")
        assert stopped.after == {"rows": str(task.pk)}
        task.refresh_from_db()
        assert task.enabled is False

    def test_a_change_that_fails_is_not_on_record(self, shop: Shop) -> None:
        booking = shop.booking(confirmed=True)

        with transaction.atomic():
            booking_actions.cancel_booking(
                booking_id=booking.public_id, now=NOW, actor=shop.owner.public_id
            )
            transaction.set_rollback(True)

        assert not AuditEntry.objects.exists()


def _inline_forms(page: Any) -> list[Any]:
    return [
        form
        for formset in page.context["inline_admin_formsets"]
        for form in formset.formset.initial_forms
    ]


def _posted(value: Any) -> Any:
    if isinstance(value, bool):
        return "on" if value else None
    if isinstance(value, FieldFile):
        return None
    return [getattr(item, "pk", item) for item in value] if isinstance(value, list) else value
