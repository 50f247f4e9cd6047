"""Tasks, conversations, the payable and who may see what."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts import policy
from accounts.models import Role
from bookings import actions, queries
from bookings.actions import BOOKING_PAYABLE
from bookings.errors import SlotTaken
from bookings.models import Booking, ConversationMessage, Occupancy, Task
from common.errors import IllegalTransition, NotFound, ValidationFailed
from common.money import Money
from events import registry
from events.models import Event
from payments import payables
from payments.payables import PaidMoney, PayableMissing, PayableRefused, RefundedMoney
from tests.bookings.test_creating import S, book
from tests.factories.accounts import ContactFactory, MembershipFactory, StaffFactory, UserFactory
from tests.factories.bookings import NINE, NOW, TaskTemplateFactory, make_shop

pytestmark = pytest.mark.django_db


@pytest.mark.row("A14")
class TestTasks:
    @pytest.fixture
    def task(self) -> Task:
        tier = make_shop(tier={"free": True})
        TaskTemplateFactory(service=tier.service)
        return Task.objects.get(booking=book(tier))

    def test_done_is_recorded_once(self, task: Task) -> None:
        for _ in range(2):
            done = actions.complete_task(task_id=task.public_id, now=NOW, actor="usr_x")

        assert (done.status, done.done_at, done.done_by) == (Task.Status.DONE, NOW, "usr_x")
        assert Event.objects.filter(type="task.completed").count() == 1

    def test_a_mistake_is_taken_back(self, task: Task) -> None:
        actions.complete_task(task_id=task.public_id, now=NOW, actor="usr_x")

        assert actions.reopen_task(task_id=task.public_id).done_at is None

    def test_it_is_given_to_a_member_only(self, task: Task) -> None:
        member, stranger = StaffFactory(), StaffFactory()
        MembershipFactory(user=member.user, business=task.business, role=Role.FRONT_DESK)

        given = actions.assign_task(task_id=task.public_id, staff_id=member.public_id, actor="")

        assert given.assignee == member
        assert Event.objects.get(type="task.assigned").data["assignee"] == member.public_id
        with pytest.raises(NotFound):
            actions.assign_task(task_id=task.public_id, staff_id=stranger.public_id, actor="")

    def test_a_canceled_one_cannot_be_done(self, task: Task) -> None:
        actions.cancel_booking(booking_id=task.booking.public_id, now=NOW)

        with pytest.raises(IllegalTransition):
            actions.complete_task(task_id=task.public_id, now=NOW, actor="")


class TestConversation:
    def test_a_message_is_kept_and_told_without_its_text(self) -> None:
        booking = book(make_shop())

        message = actions.post_message(
            booking_id=booking.public_id,
            side=ConversationMessage.Side.CUSTOMER,
            body="  Is there parking?\n",
            now=NOW,
        )

        assert (message.body, message.author_name) == ("Is there parking?", "Lan")
        event = Event.objects.get(type="conversation.message_posted")
        assert event.subject == booking.public_id
        assert event.data == {
            "id": message.public_id,
            "booking": booking.public_id,
            "side": "customer",
            "sent_at": NOW.isoformat(),
        }

    @pytest.mark.parametrize("body", ["", " \n\x00", "x" * 4001])
    def test_an_empty_or_endless_one_is_refused(self, body: str) -> None:
        booking = book(make_shop())

        with pytest.raises(ValidationFailed):
            actions.post_message(
                booking_id=booking.public_id,
                side=ConversationMessage.Side.CUSTOMER,
                body=body,
                now=NOW,
            )


def money(minor: int = 2000, *, payment: str = "pay_1", purpose: str = "deposit") -> PaidMoney:
    return PaidMoney(payment, purpose, Money(minor, "USD"), NOW)


@pytest.mark.row("B5")
class TestThePayable:
    @pytest.fixture
    def clock(self, time_machine):
        time_machine.move_to(NOW, tick=False)
        return time_machine

    def test_it_is_registered(self) -> None:
        assert payables.get("booking") is BOOKING_PAYABLE

    def test_it_asks_for_the_deposit_until_the_hold_ends(self, clock) -> None:
        booking = book(make_shop())

        quote = BOOKING_PAYABLE.quote(payable_id=booking.public_id, purpose="deposit")

        assert (quote.amount, quote.expires_at) == (Money(2000, "USD"), NOW + timedelta(minutes=15))
        assert (quote.business_id, quote.contact_id) == (booking.business_id, booking.contact_id)
        assert quote.customer_email == "lan@example.test"
        clock.move_to(NOW + timedelta(minutes=15), tick=False)
        with pytest.raises(PayableRefused):
            BOOKING_PAYABLE.quote(payable_id=booking.public_id, purpose="deposit")

    def test_paying_confirms_and_the_balance_remains(self, clock) -> None:
        booking = book(make_shop())

        BOOKING_PAYABLE.paid(payable_id=booking.public_id, money=money())

        booking.refresh_from_db()
        assert (booking.status, booking.paid_minor) == (S.CONFIRMED, 2000)
        quote = BOOKING_PAYABLE.quote(payable_id=booking.public_id, purpose="balance")
        assert quote.amount == Money(6000, "USD")
        with pytest.raises(PayableRefused):
            BOOKING_PAYABLE.quote(payable_id=booking.public_id, purpose="deposit")
        types = Event.objects.filter(subject=booking.public_id).order_by("id")
        assert [e.type for e in types] == ["booking.created", "booking.confirmed", "booking.paid"]

    def test_late_money_wins_free_time_again(self, clock) -> None:
        booking = book(make_shop())
        clock.move_to(NOW + timedelta(hours=1), tick=False)

        BOOKING_PAYABLE.paid(payable_id=booking.public_id, money=money())

        booking.refresh_from_db()
        assert booking.status == S.CONFIRMED

    def test_late_money_for_taken_time_is_refused_and_changes_nothing(self, clock) -> None:
        tier = make_shop()
        booking = book(tier)
        clock.move_to(NOW + timedelta(hours=1), tick=False)
        book(tier, now=NOW + timedelta(hours=1))

        with pytest.raises(SlotTaken):
            BOOKING_PAYABLE.paid(payable_id=booking.public_id, money=money())

        booking.refresh_from_db()
        assert (booking.status, booking.paid_minor) == (S.PENDING, 0)
        assert issubclass(SlotTaken, PayableRefused)

    @pytest.mark.parametrize("wrong", [money(9000), PaidMoney("p", "x", Money(1, "EUR"), NOW)])
    def test_money_beyond_the_balance_or_of_another_currency_is_refused(self, clock, wrong) -> None:
        booking = book(make_shop())
        BOOKING_PAYABLE.paid(payable_id=booking.public_id, money=money())

        with pytest.raises(PayableRefused):
            BOOKING_PAYABLE.paid(payable_id=booking.public_id, money=wrong)

    def test_money_for_a_canceled_booking_is_refused(self, clock) -> None:
        booking = book(make_shop())
        actions.cancel_booking(booking_id=booking.public_id, now=NOW)

        with pytest.raises(PayableRefused):
            BOOKING_PAYABLE.paid(payable_id=booking.public_id, money=money())

    def test_a_refund_is_noted_and_the_status_stays(self, clock) -> None:
        booking = book(make_shop())
        BOOKING_PAYABLE.paid(payable_id=booking.public_id, money=money())

        BOOKING_PAYABLE.refunded(
            payable_id=booking.public_id,
            money=RefundedMoney("pay_1", "ref_1", Money(500, "USD"), Money(500, "USD"), "kind"),
        )

        booking.refresh_from_db()
        assert (booking.refunded_minor, booking.status) == (500, S.CONFIRMED)
        assert booking.balance == Money(6500, "USD")

    def test_an_unknown_id_is_missing(self) -> None:
        with pytest.raises(PayableMissing):
            BOOKING_PAYABLE.lock(payable_id="bkg_none")


@pytest.mark.row("B9")
class TestVisibility:
    def test_each_sees_their_own(self) -> None:
        mine, other = book(make_shop()), book(make_shop())
        customer, manager = UserFactory(), UserFactory()
        mine.contact.user = customer
        mine.contact.save()
        MembershipFactory(user=manager, business=other.business, role=Role.MANAGER)

        def seen(actor) -> list[Booking]:
            return list(policy.visible_to(actor, Booking.objects.order_by("-id")))

        assert seen(customer) == [mine]
        assert seen(manager) == [other]
        assert seen(policy.Guest(mine.public_id)) == [mine]
        assert seen(AnonymousUser()) == []
        assert seen(UserFactory(is_superuser=True)) == [other, mine]

    def test_the_list_shows_what_the_rules_show(self) -> None:
        shops = [make_shop() for _ in range(3)]
        bookings = [
            book(shop, starts_at=at) for at in (NINE, NINE + timedelta(hours=2)) for shop in shops
        ]
        both, customer, stranger = UserFactory(), UserFactory(), UserFactory()
        MembershipFactory(user=both, business=bookings[0].business, role=Role.FRONT_DESK)
        MembershipFactory(user=both, business=bookings[1].business, role=Role.OWNER)
        # Theirs as customers: in a business they work for, and in another's.
        for number, person in ((0, both), (2, both), (3, customer), (5, customer)):
            contact = ContactFactory(business=bookings[number].business, user=person)
            Booking.objects.filter(pk=bookings[number].pk).update(contact=contact)
        Booking.objects.filter(pk=bookings[4].pk).update(status=S.CANCELED)
        root = UserFactory(is_superuser=True)

        for actor in (both, customer, stranger, root):
            for status in ("", S.CANCELED):
                for business in ("", bookings[1].business.public_id):
                    rule = policy.visible_to(actor, Booking.objects.order_by("-id"))
                    if status:
                        rule = rule.filter(status=status)
                    if business:
                        rule = rule.filter(business__public_id=business)
                    listed = queries.list_bookings(
                        actor, limit=50, business=business, status=status
                    )
                    assert [row.facts.id for row in listed] == [row.public_id for row in rule]
        assert len(queries.list_bookings(both, limit=50)) == 5
        assert queries.list_bookings(AnonymousUser(), limit=50) == []

    def test_a_customer_may_cancel_but_not_confirm(self) -> None:
        booking = book(make_shop())
        booking.contact.user = UserFactory()
        customer = booking.contact.user

        assert policy.can(customer, "cancel", booking)
        assert not policy.can(customer, "confirm", booking)
        assert not policy.can(UserFactory(), "view", booking)

    def test_a_list_reads_its_rows_by_one_statement(self, django_assert_num_queries) -> None:
        for _ in range(3):
            book(make_shop())
        root = UserFactory(is_superuser=True)

        with django_assert_num_queries(1):
            names = [
                (row.customer_name, row.facts.tier_name, row.business)
                for row in queries.list_bookings(root, limit=50)
            ]
        assert len(names) == 3


class TestRegistries:
    def test_the_present_state_is_found_by_public_id(self) -> None:
        booking = book(make_shop())

        assert registry.current(booking.public_id) == booking
        assert registry.current("tsk_none") is None

    def test_every_type_has_a_sample_of_its_shape(self) -> None:
        own = ("booking.", "task.", "conversation.", "availability.")
        types = [item for item in registry.event_types() if item.name.startswith(own)]

        for item in types:
            item.check(item.sample)
        assert len(types) == 15

    def test_money_on_its_way_extends_the_hold(self, time_machine) -> None:
        booking = book(make_shop())
        Booking.objects.update(created_at=NOW)
        time_machine.move_to(NOW + timedelta(minutes=14), tick=False)
        definition = registry.reaction("bookings.extend_hold")
        assert definition is not None

        for payable_type in ("invoice", "booking"):
            definition.call(
                Event(data={"payable_type": payable_type, "payable_id": booking.public_id})
            )

        booking.refresh_from_db()
        assert booking.hold_expires_at == NOW + timedelta(hours=1)

    def test_the_scheduled_reaction_ends_the_hold(self, time_machine) -> None:
        booking = book(make_shop())
        definition = registry.reaction("bookings.expire_hold")
        assert definition is not None
        time_machine.move_to(NOW, tick=False)
        definition.call(booking.public_id)
        assert Booking.objects.get().status == S.PENDING

        time_machine.move_to(NOW + timedelta(minutes=15), tick=False)
        definition.call(booking.public_id)
        definition.call("bkg_gone")

        assert Booking.objects.get().status == S.EXPIRED
        assert Occupancy.objects.get().active is False
