import datetime as dt
import threading

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.models import Contact, Role
from bookings.models import Booking
from common.models import IdempotencyRecord
from tests.api.conftest import Caller, signed_in, wish
from tests.factories.accounts import ContactFactory, MembershipFactory, UserFactory
from tests.factories.bookings import NINE, NOW, BookingFactory, at, make_shop

BOOKINGS = "/api/v1/bookings"


def statements(captured: CaptureQueriesContext) -> list[str]:
    """Statements that count: not the beginning and end of transactions."""
    edges = ("BEGIN", "SAVEPOINT", "RELEASE SAVEPOINT", "COMMIT")
    return [q["sql"] for q in captured.captured_queries if not q["sql"].startswith(edges)]


@pytest.mark.django_db
class TestCreate:
    @pytest.mark.row("B3")
    def test_holds_the_time_and_gives_a_guest_the_token(self, tier, guest):
        answer = guest.send(BOOKINGS, wish(tier, note="Ground floor, please"))

        body = answer.json()
        assert answer.status_code == 201
        assert body["is_payment_due"] is True
        booking = body["booking"]
        assert booking["status"] == "pending"
        assert booking["starts_at"] == "2028-06-05T09:00:00+00:00"
        assert booking["hold_expires_at"] == "2028-06-01T12:15:00+00:00"
        assert (booking["price_minor"], booking["deposit_minor"], booking["balance_minor"]) == (
            8000,
            2000,
            8000,
        )
        assert booking["customer"] == {
            "name": "Lan Nguyen",
            "email": "lan@example.com",
            "phone": "",
        }
        assert booking["customer_note"] == "Ground floor, please"
        assert booking["business"] == tier.service.business.public_id
        own = guest.get(f"{BOOKINGS}/{booking['id']}", **{"X-Booking-Token": body["token"]})
        assert own.json()["id"] == booking["id"]
        assert Booking.objects.get().channel == "api"

    @pytest.mark.row("B9")
    def test_tells_nothing_of_the_customer_whose_address_was_typed(self, tier, guest):
        ContactFactory(
            business=tier.service.business,
            name="Nguyen Thi Lan",
            email="lan@example.com",
            phone="+84912345678",
        )

        body = guest.send(BOOKINGS, wish(tier)).json()

        sent = {"name": "Lan Nguyen", "email": "lan@example.com", "phone": ""}
        assert body["booking"]["customer"] == sent
        guest.token = body["token"]
        path = f"{BOOKINGS}/{body['booking']['id']}"
        for answer in (guest.get(path), guest.send(f"{path}/cancel")):
            assert answer.json()["customer"] == {"name": "", "email": "", "phone": ""}

    def test_takes_six_statements_whatever_the_calendar_holds(self, guest):
        tiers = [make_shop() for _ in range(3)]
        counts = []
        for shop, busy in zip(tiers, (1, 10, 100), strict=True):
            calendar = shop.service.performers.get()
            for number in range(busy):
                BookingFactory(
                    tier=shop,
                    calendar=calendar,
                    starts_at=NINE + dt.timedelta(days=1 + number),
                    ends_at=NINE + dt.timedelta(days=1 + number, hours=1),
                )
            with CaptureQueriesContext(connection) as captured:
                assert guest.send(BOOKINGS, wish(shop)).status_code == 201
            counts.append(len(statements(captured)))

        assert counts[0] == counts[1] == counts[2]
        assert counts[0] == 6, statements(captured)

    @pytest.mark.row("B10")
    def test_answers_a_taken_time_with_409_and_the_nearest_alternatives(self, tier, guest):
        guest.send(BOOKINGS, wish(tier))

        answer = Caller().send(BOOKINGS, wish(tier))

        body = answer.json()
        assert answer.status_code == 409
        assert {name: body[name] for name in ("success", "error", "code", "statusCode")} == {
            "success": False,
            "error": "Conflict",
            "code": "SLOT_UNAVAILABLE",
            "statusCode": 409,
        }
        assert body["message"] == "This time is no longer available. Please choose another one."
        assert body["request_id"] == answer.headers["X-Request-ID"]
        assert body["details"][0]["alternatives"] == [
            f"2028-06-05T{hour:02}:00:00+00:00" for hour in (10, 11, 12, 13, 14)
        ]
        assert Booking.objects.count() == 1

    def test_confirms_at_once_what_costs_nothing(self, guest):
        free = make_shop(tier={"free": True})

        body = guest.send(BOOKINGS, wish(free)).json()

        assert (body["booking"]["status"], body["is_payment_due"]) == ("confirmed", False)

    def test_ties_the_booking_to_the_account_that_is_signed_in(self, tier):
        user = UserFactory(full_name="Mai Tran")

        body = signed_in(user).send(BOOKINGS, {**wish(tier), "customer": None} | {}).json()
        assert body["code"] == "VALIDATION_FAILED"
        wanted = wish(tier)
        del wanted["customer"]
        body = signed_in(user).send(BOOKINGS, wanted).json()

        assert body["token"] is None
        contact = Contact.objects.get(user=user)
        assert (contact.name, contact.email) == ("Mai Tran", user.email)

    def test_lets_the_desk_book_for_a_customer(self, tier):
        desk = MembershipFactory(business=tier.service.business, role=Role.FRONT_DESK).user

        answer = signed_in(desk).send(BOOKINGS, wish(tier))

        assert answer.status_code == 201
        contact = Booking.objects.get().contact
        assert (contact.email, contact.user) == ("lan@example.com", None)

    @pytest.mark.parametrize(
        ("change", "field", "code"),
        [
            ({"coupon": "x"}, "coupon", "unknown_field"),
            (
                {"customer": {"name": "A", "email": "a@b.co", "vip": 1}},
                "customer.vip",
                "unknown_field",
            ),
            ({"starts_at": "2028-06-05T09:00:00"}, "starts_at", "naive"),
            ({"starts_at": "9999-12-31T23:59:59-14:00"}, "starts_at", "range"),
            ({"tier": "tir_x"}, "tier", "invalid"),
            ({"tier": "tir_\x0001kac3w1v5h0e8y2r7m4q9t6z"}, "tier", "invalid"),
            ({"seats": 0}, "seats", "min_value"),
            ({"note": 7}, "note", "invalid"),
            ({"customer": {"name": "A"}}, "customer.email", "invalid"),
            ({"customer": {"name": "A\x00", "email": "a@b.co"}}, "customer.name", None),
            ({"business": "another"}, "tier", "invalid"),
        ],
    )
    def test_refuses_a_wrong_field_and_names_it(self, tier, guest, change, field, code):
        answer = guest.send(BOOKINGS, wish(tier, **change))

        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
        found = {item["field"]: item["code"] for item in answer.json()["details"]}
        assert field in found
        assert code in {None, found[field]}
        assert Booking.objects.count() == 0

    def test_asks_a_guest_who_comes(self, tier, guest):
        wanted = wish(tier)
        del wanted["customer"]

        answer = guest.send(BOOKINGS, wanted)

        assert answer.json()["details"][0]["field"] == "customer"

    def test_answers_404_for_a_tier_that_is_not_offered(self, tier, guest):
        tier.is_active = False
        tier.save()

        assert guest.send(BOOKINGS, wish(tier)).status_code == 404


@pytest.mark.django_db
class TestIdempotency:
    def test_replays_the_answer_of_the_first(self, tier, guest):
        first = guest.send(BOOKINGS, wish(tier), key="k-1")
        again = guest.send(BOOKINGS, wish(tier), key="k-1")

        assert again.status_code == first.status_code == 201
        assert again.content == first.content
        assert again.headers["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first.headers
        assert Booking.objects.count() == 1

    def test_replays_a_refusal_too(self, tier, guest):
        Caller().send(BOOKINGS, wish(tier))
        first = guest.send(BOOKINGS, wish(tier), key="k-1")
        Booking.objects.update(status="canceled")

        again = guest.send(BOOKINGS, wish(tier), key="k-1")

        assert (first.status_code, again.status_code) == (409, 409)
        assert again.json() == first.json()

    def test_is_asked_for(self, tier, guest):
        answer = guest.send(BOOKINGS, wish(tier), key=None)

        assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")

    @pytest.mark.parametrize("client_id", ["", "short", "g" * 21, "1" * 31])
    def test_asks_a_guest_for_a_client_id_that_cannot_be_guessed(self, tier, guest, client_id):
        guest.client_id = client_id

        answer = guest.send(BOOKINGS, wish(tier))

        assert (answer.status_code, answer.json()["code"]) == (400, "CLIENT_ID_REQUIRED")
        assert "128 bits" in answer.json()["message"]

    def test_refuses_the_key_for_another_body(self, tier, guest):
        guest.send(BOOKINGS, wish(tier), key="k-1")

        answer = guest.send(BOOKINGS, wish(tier, starts_at=at(10).isoformat()), key="k-1")

        assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_MISMATCH")

    def test_never_replays_to_another_client(self, tier, guest):
        guest.send(BOOKINGS, wish(tier), key="k-1")

        other = Caller().send(BOOKINGS, wish(tier), key="k-1")

        assert other.status_code == 409
        assert other.json()["code"] == "SLOT_UNAVAILABLE"

    def test_does_not_keep_what_may_be_tried_again(self, tier, guest):
        wrong = guest.send(BOOKINGS, wish(tier, seats=0), key="k-1")
        right = guest.send(BOOKINGS, wish(tier), key="k-1")

        assert (wrong.status_code, right.status_code) == (400, 201)

    def test_gives_the_key_back_after_a_fault(self, tier, guest, monkeypatch):
        def broken(**_):
            raise RuntimeError

        monkeypatch.setattr("bookings.api.bookings.actions.create_booking", broken)
        guest.http.raise_request_exception = False
        assert guest.send(BOOKINGS, wish(tier), key="k-1").status_code == 500
        assert IdempotencyRecord.objects.count() == 0


@pytest.mark.django_db(transaction=True)
class TestSameKeyAtOnce:
    def test_has_one_effect_and_one_answer(self, many_requests):
        tier = make_shop()
        guest = Caller()
        answers = []

        def send() -> None:
            twin = Caller(client_id=guest.client_id)
            try:
                answers.append(twin.send(BOOKINGS, wish(tier), key="same"))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=send) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert Booking.objects.count() == 1
        codes = {answer.json().get("code", "made") for answer in answers}
        assert codes <= {"made", "IDEMPOTENCY_IN_PROGRESS"}
        made = [answer for answer in answers if answer.status_code == 201]
        assert len({answer.content for answer in made}) == 1
        waiting = [answer for answer in answers if answer.status_code == 409]
        assert all(answer.headers["Retry-After"] for answer in waiting)
        assert guest.send(BOOKINGS, wish(tier), key="same").content == made[0].content


@pytest.mark.django_db
class TestShortPath:
    PATH = "/api/bookings"

    def test_needs_no_key_and_answers_the_same_wish_alike(self, tier, guest):
        first = guest.send(self.PATH, wish(tier), key=None)
        again = guest.send(self.PATH, wish(tier), key=None)

        assert (first.status_code, again.status_code) == (201, 201)
        assert again.content == first.content
        assert Booking.objects.get().channel == "widget"

    def test_finds_the_same_wish_from_elsewhere_without_giving_it_away(self, tier, guest):
        first = guest.send(self.PATH, wish(tier), key=None).json()

        other = Caller().send(self.PATH, wish(tier), key=None)

        body = other.json()
        assert body["booking"]["id"] == first["booking"]["id"]
        assert body["token"] is None
        assert body["booking"]["customer"] == {"name": "", "email": "", "phone": ""}
        assert Booking.objects.count() == 1

    def test_tells_the_token_to_nobody_else_behind_the_same_address(self, tier):
        first, other = Caller(client_id=""), Caller(client_id="")

        made = first.send(self.PATH, wish(tier), key=None).json()
        again = other.send(self.PATH, wish(tier), key=None).json()

        assert again["booking"]["id"] == made["booking"]["id"]
        assert (made["token"] is None, again["token"]) == (False, None)

    def test_undoes_what_it_refuses_without_a_client_id(self, tier):
        refused = Caller(client_id="").send(
            self.PATH, wish(tier, business="another-shop"), key=None
        )

        assert refused.status_code == 400
        assert Booking.objects.count() == 0

    def test_makes_a_new_one_when_the_first_was_canceled(self, tier, guest):
        first = guest.send(self.PATH, wish(tier), key=None).json()
        guest.token = first["token"]
        guest.send(f"{BOOKINGS}/{first['booking']['id']}/cancel")

        second = guest.send(self.PATH, wish(tier), key=None)

        assert second.status_code == 201
        assert second.json()["booking"]["id"] != first["booking"]["id"]

    def test_is_for_making_only(self, tier, guest):
        assert guest.get(self.PATH).status_code == 405


@pytest.mark.django_db
class TestRead:
    def test_is_refused_with_anothers_token_and_with_a_forged_one(self, tier, guest):
        mine = guest.send(BOOKINGS, wish(tier)).json()
        other = guest.send(BOOKINGS, wish(tier, starts_at=at(10).isoformat())).json()
        path = f"{BOOKINGS}/{mine['booking']['id']}"

        assert guest.get(path).status_code == 401
        assert guest.get(path, **{"X-Booking-Token": other["token"]}).status_code == 403
        forged = guest.get(path, **{"X-Booking-Token": mine["token"][:-2] + "xx"})
        assert (forged.status_code, forged.json()["code"]) == (401, "INVALID_BOOKING_TOKEN")
        assert guest.get(f"{path}?token={mine['token']}").status_code == 200

    def test_answers_304_until_something_changes(self, tier, guest):
        made = guest.send(BOOKINGS, wish(tier)).json()
        guest.token = made["token"]
        path = f"{BOOKINGS}/{made['booking']['id']}"
        first = guest.get(path)
        etag = first.headers["ETag"]

        assert guest.get(path, **{"If-None-Match": etag}).status_code == 304
        assert "private" in first.headers["Cache-Control"]
        guest.send(f"{path}/cancel", {"reason": "ill"})
        changed = guest.get(path, **{"If-None-Match": etag})
        assert (changed.status_code, changed.json()["status"]) == (200, "canceled")


@pytest.mark.django_db
class TestChange:
    @pytest.fixture
    def made(self, tier, guest):
        body = guest.send(BOOKINGS, wish(tier)).json()
        guest.token = body["token"]
        return f"{BOOKINGS}/{body['booking']['id']}"

    @pytest.mark.parametrize(("method", "tail"), [("post", "/reschedule"), ("patch", "")])
    def test_moves_to_another_time(self, made, guest, method, tail):
        answer = guest.send(f"{made}{tail}", {"starts_at": at(14).isoformat()}, method=method)

        assert answer.status_code == 200
        assert answer.json()["starts_at"] == "2028-06-05T14:00:00+00:00"

    def test_stays_where_it_is_when_the_other_time_is_taken(self, made, tier, guest):
        Caller().send(BOOKINGS, wish(tier, starts_at=at(14).isoformat()))

        answer = guest.send(f"{made}/reschedule", {"starts_at": at(14).isoformat()})

        assert (answer.status_code, answer.json()["code"]) == (409, "SLOT_UNAVAILABLE")
        assert guest.get(made).json()["starts_at"] == "2028-06-05T09:00:00+00:00"

    def test_cancels_once_and_says_so_again(self, made, guest):
        first = guest.send(f"{made}/cancel", {"reason": "ill"}, key=None)
        again = guest.send(f"{made}/cancel", {"reason": "other"}, key=None)

        assert (first.status_code, again.status_code) == (200, 200)
        assert again.json()["cancel_reason"] == "ill"

    def test_is_not_for_strangers(self, made):
        assert Caller().send(f"{made}/cancel").status_code == 401
        assert signed_in(UserFactory()).send(f"{made}/cancel").status_code == 403


@pytest.mark.django_db
class TestList:
    def test_shows_the_callers_own_and_their_businesses_bookings(self, tier):
        business = tier.service.business
        other = BookingFactory()
        user = UserFactory()
        mine = BookingFactory(tier=tier, contact=ContactFactory(business=business, user=user))
        theirs = BookingFactory(tier=tier)

        customer = signed_in(user).get(BOOKINGS).json()["data"]
        staff = MembershipFactory(business=business, role=Role.FRONT_DESK).user
        desk = signed_in(staff).get(BOOKINGS).json()["data"]

        assert [row["id"] for row in customer] == [mine.public_id]
        assert [row["id"] for row in desk] == [theirs.public_id, mine.public_id]
        assert other.public_id not in {row["id"] for row in desk}

    def test_goes_through_pages_without_a_gap_while_rows_come(self, tier):
        business = tier.service.business
        owner = signed_in(MembershipFactory(business=business).user)
        made = [BookingFactory(tier=tier).public_id for _ in range(7)]
        seen, address = [], f"{BOOKINGS}?limit=3"
        while True:
            page = owner.get(address).json()
            seen += [row["id"] for row in page["data"]]
            BookingFactory(tier=tier)
            if page["next_cursor"] is None:
                break
            address = f"{BOOKINGS}?limit=3&cursor={page['next_cursor']}"

        assert seen == made[::-1]

    def test_keeps_integer_keys_out_of_cursors_and_bodies(self, tier):
        owner = signed_in(MembershipFactory(business=tier.service.business).user)
        rows = [BookingFactory(tier=tier) for _ in range(3)]

        page = owner.get(f"{BOOKINGS}?limit=1").json()

        assert page["next_cursor"].startswith("gAAAA")
        assert str(rows[-1].pk) not in [str(value) for value in page["data"][0].values()]

    @pytest.mark.parametrize("query", ["cursor=abc", "limit=0", "limit=101", "limit=x", "statsu=x"])
    def test_refuses_a_wrong_query(self, tier, query):
        owner = signed_in(MembershipFactory(business=tier.service.business).user)

        assert owner.get(f"{BOOKINGS}?{query}").status_code == 400

    def test_takes_the_same_statements_at_any_size(self, tier, many_requests):
        business = tier.service.business
        user = MembershipFactory(business=business).user
        owner = signed_in(user)
        counts = []
        for size in (1, 9, 90):
            for _ in range(size):
                BookingFactory(tier=tier)
            with CaptureQueriesContext(connection) as captured:
                page = owner.get(f"{BOOKINGS}?limit=100").json()
            reads = [sql for sql in statements(captured) if "bookings_booking" in sql]
            counts.append((len(page["data"]), len(statements(captured)), len(reads)))

        # Session and account, the caller's roles, and the page itself.
        assert counts == [(1, 4, 1), (10, 4, 1), (100, 4, 1)]


class TestClock:
    def test_is_frozen_for_these_tests(self):
        assert dt.datetime.now(dt.UTC) == NOW
