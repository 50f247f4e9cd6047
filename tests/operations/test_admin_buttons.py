"""Buttons of the admin: each calls its app's action, asks why, and is recorded."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.console import pressing
from accounts.models import AuditEntry, Business, Role
from bookings.models import Booking, Task
from common.money import Money
from events.models import Event, Reaction, Work
from payments.models import Payment, Refund
from tests.factories.accounts import BusinessFactory, UserFactory
from tests.factories.bookings import NINE, BookingFactory, CalendarFactory, make_shop
from tests.factories.payments import PaymentFactory
from tests.factories.sign_in import staff_of, superuser, verified_client


@pytest.fixture
def shop(db: None) -> Business:
    return BusinessFactory(name="Lotus Spa")


@pytest.fixture
def owner(shop: Business) -> Client:
    return verified_client(staff_of(shop, full_name="Trần Quốc Bảo"))


def press(client: Client, item: object, name: str, **values: object):
    meta = item._meta  # type: ignore[attr-defined]
    return client.post(
        f"/admin/{meta.app_label}/{meta.model_name}/{item.pk}/do/{name}/",  # type: ignore[attr-defined]
        values,
    )


def in_bulk(client: Client, model: type[Any], name: str, rows: list[Any], **values: object):
    meta = model._meta
    return client.post(
        f"/admin/{meta.app_label}/{meta.model_name}/",
        {"action": f"do_{name}", "_selected_action": [row.pk for row in rows], **values},
        follow=True,
    )


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


class TestBooking:
    def test_confirm_moves_it_and_tells_the_log_who(self, shop: Business, owner: Client) -> None:
        tier = make_shop(tier={"service__business": shop})
        booking = BookingFactory(tier=tier, calendar=tier.service.performers.get())

        answer = press(owner, booking, "confirm")

        booking.refresh_from_db()
        assert (answer.status_code, booking.status) == (302, "confirmed")
        entry = AuditEntry.objects.get(action="booking.confirm")
        assert entry.subject == booking.public_id
        assert entry.business == shop.public_id
        assert (entry.before["status"], entry.after["status"]) == ("pending", "confirmed")
        event = Event.objects.get(type="booking.confirmed")
        assert event.actor == entry.actor

    def test_cancel_without_a_reason_changes_nothing(self, shop: Business, owner: Client) -> None:
        booking = BookingFactory(tier__service__business=shop, confirmed=True)

        answer = press(owner, booking, "cancel", refund="nothing", reason="  ")

        booking.refresh_from_db()
        assert (answer.status_code, booking.status) == (400, "confirmed")
        assert answer.context["form"].errors["reason"] == ["This field is required."]
        assert not AuditEntry.objects.filter(action="booking.cancel").exists()

    def test_cancel_keeps_the_reason(self, shop: Business, owner: Client) -> None:
        booking = BookingFactory(tier__service__business=shop, confirmed=True)

        press(owner, booking, "cancel", refund="nothing", reason="Room flooded")

        booking.refresh_from_db()
        assert (booking.status, booking.cancel_reason) == ("canceled", "Room flooded")
        assert AuditEntry.objects.get(action="booking.cancel").reason == "Room flooded"

    def test_cancel_with_a_full_refund_asks_for_the_money_back_once(
        self, shop: Business, owner: Client
    ) -> None:
        booking = BookingFactory(tier__service__business=shop, confirmed=True)
        payment = PaymentFactory(
            business=shop, paid=True, payable_type="booking", payable_id=booking.public_id
        )

        press(owner, booking, "cancel", refund="all", reason="Room flooded")

        refund = Refund.objects.get()
        assert (refund.payment, refund.money) == (payment, payment.money)
        assert refund.reason == "Room flooded"

    def test_the_front_desk_is_not_offered_a_full_refund(self, shop: Business) -> None:
        desk = verified_client(staff_of(shop, Role.FRONT_DESK))
        booking = BookingFactory(tier__service__business=shop, confirmed=True)
        payment = PaymentFactory(
            business=shop, paid=True, payable_type="booking", payable_id=booking.public_id
        )

        answer = press(desk, booking, "cancel", refund="all", reason="Room flooded")

        booking.refresh_from_db()
        assert (answer.status_code, booking.status) == (400, "confirmed")
        assert payment.refunds.count() == 0

    def test_reassign_gives_it_to_another_person_at_the_same_time(
        self, shop: Business, owner: Client
    ) -> None:
        tier = make_shop(staff=2, tier={"service__business": shop})
        first, second = tier.service.performers.order_by("pk")
        booking = BookingFactory(tier=tier, calendar=first, confirmed=True)

        answer = press(owner, booking, "reassign", calendar=second.public_id)

        booking.refresh_from_db()
        assert answer.status_code == 302
        assert (booking.calendar, booking.starts_at) == (second, NINE)

    def test_reassign_offers_nobody_of_another_business(
        self, shop: Business, owner: Client
    ) -> None:
        booking = BookingFactory(tier__service__business=shop, confirmed=True)

        answer = press(owner, booking, "reassign", calendar=CalendarFactory().public_id)

        assert answer.status_code == 400

    def test_a_refusal_is_told_and_not_recorded(self, shop: Business, owner: Client) -> None:
        tomorrow = timezone.now() + dt.timedelta(days=1)
        booking = BookingFactory(
            tier__service__business=shop,
            confirmed=True,
            starts_at=tomorrow,
            ends_at=tomorrow + dt.timedelta(hours=1),
        )

        answer = owner.post(f"/admin/bookings/booking/{booking.pk}/do/no-show/", follow=True)

        booking.refresh_from_db()
        assert booking.status == "confirmed"
        assert len(said(answer)) == 1
        assert not AuditEntry.objects.filter(action="booking.no-show").exists()

    def test_a_link_alone_never_acts(self, shop: Business, owner: Client) -> None:
        booking = BookingFactory(tier__service__business=shop, confirmed=True)

        answer = owner.get(f"/admin/bookings/booking/{booking.pk}/do/complete/")

        booking.refresh_from_db()
        assert (answer.status_code, booking.status) == (200, "confirmed")


class TestManyAtOnce:
    def test_each_row_has_its_own_result(self, shop: Business, owner: Client) -> None:
        earlier = timezone.now() - dt.timedelta(hours=2)
        times = {"starts_at": earlier, "ends_at": earlier + dt.timedelta(hours=1)}
        live = BookingFactory(tier__service__business=shop, confirmed=True, **times)
        over = BookingFactory(tier__service__business=shop, status="canceled", **times)

        answer = in_bulk(owner, Booking, "complete", [live, over], confirmed="1")

        live.refresh_from_db()
        over.refresh_from_db()
        assert (live.status, over.status) == ("completed", "canceled")
        assert said(answer)[0].startswith(f"{over.contact.name}: ")
        assert said(answer)[1] == "Took place: 1 done."

    def test_it_asks_before_it_acts(self, shop: Business, owner: Client) -> None:
        booking = BookingFactory(tier__service__business=shop, confirmed=True)

        answer = in_bulk(owner, Booking, "cancel", [booking])

        booking.refresh_from_db()
        assert booking.status == "confirmed"
        assert answer.context["count"] == 1
        assert "reason" in answer.context["form"].fields

    def test_a_selection_of_any_size_is_carried_out_in_batches(
        self, shop: Business, owner: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pressing, "MOST_AT_ONCE", 2)
        booking = BookingFactory(tier__service__business=shop, confirmed=True)
        tasks = [
            Task.objects.create(business=shop, booking=booking, title=f"Task {n}", due_at=NINE)
            for n in range(5)
        ]

        first = in_bulk(owner, Task, "done", tasks[:1], select_across="1")
        assert (first.context["count"], first.context["left"]) == (2, 3)
        second = in_bulk(owner, Task, "done", tasks[:1], select_across="1", confirmed="1")
        assert (second.context["count"], second.context["left"]) == (2, 1)
        assert Task.objects.filter(status="done").count() == 2

        after = second.context["after"]
        third = in_bulk(
            owner, Task, "done", tasks[:1], select_across="1", confirmed="1", after=after
        )
        assert (third.context["count"], third.context["left"]) == (1, 0)
        in_bulk(
            owner,
            Task,
            "done",
            tasks[:1],
            select_across="1",
            confirmed="1",
            after=third.context["after"],
        )

        assert Task.objects.filter(status="done").count() == 5
        assert AuditEntry.objects.filter(action="task.done").count() == 5

    def test_rows_of_another_business_are_left_alone(self, shop: Business, owner: Client) -> None:
        foreign = BookingFactory(confirmed=True)

        in_bulk(owner, Booking, "cancel", [foreign], confirmed="1", refund="nothing", reason="x")

        foreign.refresh_from_db()
        assert foreign.status == "confirmed"


class TestTask:
    @pytest.mark.row("A14")
    def test_done_is_recorded_with_its_doer(self, shop: Business, owner: Client) -> None:
        booking = BookingFactory(tier__service__business=shop, confirmed=True)
        task = Task.objects.create(business=shop, booking=booking, title="Towels", due_at=NINE)

        press(owner, task, "done")

        task.refresh_from_db()
        entry = AuditEntry.objects.get(action="task.done")
        assert (task.status, task.done_by) == ("done", entry.actor)


class TestPayment:
    @pytest.mark.row("A2")
    def test_a_partial_refund_is_asked_for_with_its_reason(
        self, shop: Business, owner: Client
    ) -> None:
        payment = PaymentFactory(business=shop, paid=True)

        answer = press(
            owner, payment, "refund", wish="admin-1", amount="50000", reason="Half the time"
        )

        refund = Refund.objects.get()
        assert answer.status_code == 302
        assert (refund.money, refund.reason) == (Money(50_000, "VND"), "Half the time")
        entry = AuditEntry.objects.get(action="payment.refund")
        assert (entry.subject, entry.reason) == (payment.public_id, "Half the time")

    def test_the_form_starts_from_all_that_is_left(self, shop: Business, owner: Client) -> None:
        payment = PaymentFactory(business=shop, paid=True, currency="USD", amount_minor=15_050)

        page = owner.get(f"/admin/payments/payment/{payment.pk}/do/refund/")

        assert 'value="150.50"' in page.content.decode()

    def test_what_is_on_its_way_back_is_not_offered_again(
        self, shop: Business, owner: Client
    ) -> None:
        payment = PaymentFactory(business=shop, paid=True)
        press(owner, payment, "refund", wish="admin-1", amount="100000", reason="Half")

        page = owner.get(f"/admin/payments/payment/{payment.pk}/do/refund/").content.decode()

        assert "Up to ₫50,000." in page
        press(owner, payment, "refund", wish="admin-2", amount="50000", reason="Rest")
        shown = owner.get(f"/admin/payments/payment/{payment.pk}/change/")
        assert "refund" not in [button.name for button, _ in shown.context["buttons"]]

    def test_sending_the_form_twice_refunds_once(self, shop: Business, owner: Client) -> None:
        payment = PaymentFactory(business=shop, paid=True)

        for _ in range(2):
            press(owner, payment, "refund", wish="admin-1", amount="50000", reason="Half")

        assert Refund.objects.count() == 1

    @pytest.mark.parametrize("amount", ["150001", "0", "-1", "0.5", ""])
    def test_an_impossible_amount_is_refused_beside_the_field(
        self, shop: Business, owner: Client, amount: str
    ) -> None:
        payment = PaymentFactory(business=shop, paid=True)

        answer = press(owner, payment, "refund", wish="admin-1", amount=amount, reason="Half")

        assert answer.status_code == 400
        assert Refund.objects.count() == 0

    def test_a_refund_without_a_reason_is_refused(self, shop: Business, owner: Client) -> None:
        payment = PaymentFactory(business=shop, paid=True)

        answer = press(owner, payment, "refund", wish="admin-1", amount="50000", reason="")

        assert answer.status_code == 400
        assert Refund.objects.count() == 0

    def test_a_review_is_closed_with_a_reason(self, shop: Business, owner: Client) -> None:
        payment = PaymentFactory(
            business=shop, review_reason="amount", review_opened_at=dt.datetime.now(dt.UTC)
        )

        press(owner, payment, "resolve", reason="Bank confirmed by phone")

        payment.refresh_from_db()
        assert payment.review_reason == ""
        assert AuditEntry.objects.get(action="payment.resolve_review").reason == (
            "Bank confirmed by phone"
        )
        assert Payment.objects.filter(review_reason="").count() == 1


class TestWork:
    def test_dead_work_runs_again_one_or_many(self, db: None) -> None:
        client = verified_client(superuser())
        rows = [
            Reaction.objects.create(
                name="x", subject=f"s{n}", state=Work.State.DEAD, attempts=8, last_error="boom"
            )
            for n in range(3)
        ]

        press(client, rows[0], "replay")
        in_bulk(client, Reaction, "replay", rows[1:], confirmed="1")

        open_rows = Reaction.objects.filter(state=Work.State.OPEN, attempts=0)
        assert open_rows.filter(name="x").count() == 3
        assert AuditEntry.objects.filter(action="reaction.replay").count() == 3

    def test_open_work_is_not_replayed(self, db: None) -> None:
        client = verified_client(superuser())
        row = Reaction.objects.create(name="x", subject="s", attempts=2)

        press(client, row, "replay")

        row.refresh_from_db()
        assert row.attempts == 2

    def test_the_page_shows_the_error(self, db: None) -> None:
        client = verified_client(superuser())
        row = Reaction.objects.create(name="x", subject="s", state=2, last_error="boom at noon")

        assert "boom at noon" in client.get("/admin/events/reaction/").content.decode()
        page = client.get(f"/admin/events/reaction/{row.pk}/change/").content.decode()
        assert "boom at noon" in page


class TestUser:
    def test_locking_asks_why_and_ends_access(self, db: None) -> None:
        boss, victim = superuser(), UserFactory()
        client, theirs = verified_client(boss), Client()
        theirs.force_login(victim)

        refused = press(client, victim, "lock", reason="")
        press(client, victim, "lock", reason="Left the company")

        victim.refresh_from_db()
        assert refused.status_code == 400
        assert victim.is_active is False
        assert theirs.get("/account/settings/").status_code == 302
        assert AuditEntry.objects.get(action="user.lock").reason == "Left the company"

    def test_nobody_locks_themselves_out(self, db: None) -> None:
        boss = superuser()

        answer = press(verified_client(boss), boss, "lock", reason="Oops")

        boss.refresh_from_db()
        assert (answer.status_code, boss.is_active) == (400, True)


class TestMember:
    def test_an_owner_adds_and_removes_members_but_not_the_last_owner(
        self, shop: Business, owner: Client
    ) -> None:
        joined = UserFactory(email="desk@example.test")

        owner.post(
            "/admin/accounts/membership/add/",
            {"business": shop.pk, "email": "desk@example.test", "role": "front_desk"},
        )
        member = joined.memberships.get()
        last = shop.memberships.get(role=Role.OWNER)
        kept = press(owner, last, "remove", reason="bye")
        press(owner, member, "remove", reason="bye")

        assert (kept.status_code, shop.memberships.count()) == (400, 1)
        assert list(
            AuditEntry.objects.filter(action__startswith="member.").values_list("action", flat=True)
        ) == ["member.set_role", "member.remove"]
