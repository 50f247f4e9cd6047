"""People get a copy of their data and can be erased: everywhere, for good, also after a restore."""

import datetime as dt
import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.models import (
    AuditEntry,
    Contact,
    Erasure,
    Invitation,
    Membership,
    PersonalExport,
    Role,
    SecurityEntry,
    Staff,
    User,
)
from accounts.tasks import prune_records
from accounts.team import actions as team
from accounts.team import tokens as team_tokens
from bookings import actions as booking_actions
from bookings.models import Booking, ConversationMessage
from common import idempotency
from common.ids import new_public_id
from config.embedded.postgres import find_binaries
from events import relay
from events.lanes import Lane
from events.models import Event, Work
from leads import actions as lead_actions
from leads.models import Lead
from notifications.models import FeedItem, Notification
from payments.models import LedgerEntry, Payment, Refund
from tests.factories.accounts import MembershipFactory, StaffFactory, UserFactory
from tests.factories.bookings import NINE, CalendarFactory, make_shop
from tests.factories.payments import PaymentFactory
from tests.factories.sign_in import PASSWORD, person, staff_of, superuser, verified_client
from webhooks.models import InboundEvent

NAME, EMAIL, PHONE = "Nguyễn Thị Minh Khai", "khai@example.test", "+84 90 765 4321"
ADDRESS = "203.0.113.77"
WORDS = "My knee hurts on stairs"
# In any form in which a column may hold them.
TRACES = (NAME, "nguyen thi minh khai", EMAIL, PHONE, "0907654321", ADDRESS, WORDS, "Khai")


@dataclass
class Person:
    user: User
    contact: Contact
    booking: Booking
    upcoming: Booking
    payment: Payment
    lead: Lead
    owner: User


def seed(owner: User | None = None) -> Person:
    """A customer who has left traces in every part of the product."""
    tier = make_shop()
    business = tier.service.business
    owner = owner or MembershipFactory(business=business).user
    user = person(EMAIL, full_name=NAME, phone=PHONE)
    contact = Contact.objects.create(
        business=business, user=user, name=NAME, email=EMAIL, phone=PHONE
    )
    customer = booking_actions.NewCustomer(name=NAME, email=EMAIL, phone=PHONE, user=user)
    booking, upcoming = (
        booking_actions.create_booking(
            tier_id=tier.public_id,
            calendar_id=tier.service.performers.get().public_id,
            starts_at=NINE.replace(hour=hour),
            customer=customer,
            customer_note=WORDS,
            actor=user.public_id,
            now=timezone.now(),
        )
        for hour in (10, 12)
    )
    booking_actions.confirm_booking(booking_id=upcoming.public_id, now=timezone.now())
    booking_actions.post_message(
        booking_id=booking.public_id,
        side=ConversationMessage.Side.CUSTOMER,
        body=WORDS,
        now=timezone.now(),
        author=user,
        actor=user.public_id,
    )
    booking_actions.cancel_booking(
        booking_id=booking.public_id, now=timezone.now(), reason=WORDS, actor=user.public_id
    )
    payment = PaymentFactory(
        business=business,
        contact=contact,
        paid=True,
        payable_type="booking",
        payable_id=booking.public_id,
        provider_id="pi_khai",
        client_secret="cs_khai",
        return_url="https://desk.example/go/token",
        review_detail={"payer": NAME},
    )
    LedgerEntry.objects.create(
        payment=payment,
        kind=LedgerEntry.Kind.CHARGE,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        provider_reference="pi_khai",
    )
    Refund.objects.create(
        payment=payment, request_id="r", amount_minor=1, currency="VND", reason=f"for {NAME}"
    )
    InboundEvent.objects.create(
        provider="stripe",
        account="acct_1",
        event_id="evt_1",
        type="payment_intent.succeeded",
        body=json.dumps({"id": "pi_khai", "email": EMAIL, "name": "Khai"}).encode(),
        content_hash=b"x",
        address=ADDRESS,
        state=Work.State.DONE,
        finished_at=timezone.now(),
    )
    lead = lead_actions.capture_lead(
        business=business, name=NAME, email=EMAIL, phone=PHONE, message=WORDS, user=user
    )
    lead_actions.log_communication(
        lead_id=lead.pk, channel="phone", direction="incoming", body=f"Khai: {WORDS}", author=owner
    )
    actions.update_profile(user_id=user.pk, actor=user.public_id, full_name=NAME, timezone="UTC")
    AuditEntry.objects.create(
        actor=owner.public_id,
        action="booking.cancel",
        subject=booking.public_id,
        personal={"before": {"staff_note": f"Khai: {WORDS}"}},
    )
    AuditEntry.objects.create(
        actor=user.public_id, action="user.change_password", personal={"address": ADDRESS}
    )
    SecurityEntry.objects.create(
        kind="sign_in.succeeded", subject=user.public_id, address=ADDRESS, detail={"who": NAME}
    )
    Booking.objects.filter(pk=booking.pk).update(staff_note=f"Khai: {WORDS}")
    event = Event.objects.create(
        type="contact.claimed",
        public_id=new_public_id("evt"),
        business=business.public_id,
        subject=contact.public_id,
        data={"id": contact.public_id, "name": NAME, "has_account": True},
    )
    for recipient, title in ((contact.public_id, "Confirmed"), (owner.public_id, f"{NAME} booked")):
        note = Notification.objects.create(
            business=business,
            event_id=event.public_id,
            event_type="booking.created",
            subject=booking.public_id,
            topic="booking",
            audience="customer",
            recipient=recipient,
            channel="email",
            state=Work.State.DONE,
            title=title,
            body=f"Dear {NAME}",
        )
        FeedItem.objects.create(
            user=owner,
            notification_id=note.public_id,
            topic="booking",
            subject=booking.public_id,
            title=title,
            body=NAME,
        )
    taken = idempotency.take(principal="client:shop:abc", key="k", fingerprint="f")
    assert isinstance(taken, idempotency.Taken)
    idempotency.store(
        taken, status=201, body=json.dumps({"id": booking.public_id, "email": EMAIL}).encode()
    )
    return Person(user, contact, booking, upcoming, payment, lead, owner)


def traces() -> list[str]:
    """Look through every row of every table, whatever the column's type, for the person."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t.*::text FROM "{table}" AS t')
            rows = [row[0] for row in cursor.fetchall()]
            cursor.execute(
                "SELECT column_name FROM information_schema.columns "
                "WHERE table_name = %s AND data_type = 'bytea' AND table_schema = 'public'",
                [table],
            )
            for (column,) in cursor.fetchall():
                cursor.execute(f'SELECT encode("{column}", \'escape\') FROM "{table}"')
                rows += [row[0] or "" for row in cursor.fetchall()]
            found += [f"{table}: {row}" for row in rows if any(trace in row for trace in TRACES)]
    return found + [
        f"session: {data}"
        for session in Session.objects.all()
        if any(trace in str(data := session.get_decoded()) for trace in TRACES)
    ]


def signed_in(email: str = EMAIL) -> Client:
    """A browser whose user has just entered the password once more."""
    client = Client(REMOTE_ADDR=ADDRESS)
    for page, name in (("account_login", "login"), ("account_reauthenticate", "")):
        answer = client.post(reverse(page), {name: email, "password": PASSWORD})
        assert answer.status_code == 302
    return client


@pytest.fixture(autouse=True)
def june(settings, tmp_path: Path):
    settings.ERASURE_RECORDS = str(tmp_path / "erasures")
    with time_machine.travel(NINE.replace(month=5, day=30), tick=False):
        yield


def run_bulk() -> None:
    """Let the relay do what is due; inside a test's transaction the database's clock stands."""
    with connection.cursor() as cursor:
        for table in ("events_reaction", "accounts_personalexport"):
            cursor.execute(f"UPDATE {table} SET due_at = now() WHERE state = 0")
    relay.drain_lane(Lane.BULK)


@pytest.mark.django_db
@pytest.mark.row("C14")
class TestExport:
    def fetch(self, client: Client, address: str) -> dict[str, Any]:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/zip"
        assert answer["Content-Disposition"].startswith('attachment; filename="my-data-')
        packed = zipfile.ZipFile(io.BytesIO(answer.content))
        return {
            name: json.loads(packed.read(name)) if name.endswith(".json") else packed.read(name)
            for name in packed.namelist()
        }

    def ask(self, client: Client) -> str:
        mail.outbox.clear()
        client.post(reverse("account_export"))
        run_bulk()
        body = str(mail.outbox[-1].body)
        return next(word for word in body.split() if "/account/data/export/" in word)

    def test_is_made_by_the_relay_mailed_as_a_link_and_holds_everything(self) -> None:
        who = seed()
        Staff.objects.create(
            user=who.user, display_name=NAME, photo=ContentFile(b"picture", name="khai.png")
        )
        client = signed_in()

        link = self.ask(client)
        found = self.fetch(client, link.partition("testserver")[2] or link[link.index("/acc") :])

        assert mail.outbox[-1].to == [EMAIL]
        assert found["accounts.json"]["account"]["email"] == EMAIL
        assert found["accounts.json"]["known_as_customer"][0]["phone"] == PHONE
        assert found["accounts.json"]["devices"][0]["address"] == ADDRESS
        assert found["accounts.json"]["connected_accounts"] == []
        assert found["accounts.json"]["invitations"] == []
        assert {row["public_id"] for row in found["bookings.json"]["bookings"]} == {
            who.booking.public_id,
            who.upcoming.public_id,
        }
        assert found["bookings.json"]["messages"][0]["body"] == WORDS
        assert found["payments.json"]["payments"][0]["amount_minor"] == 150000
        assert found["leads.json"]["enquiries"][0]["message"] == WORDS
        assert found["notifications.json"]["messages"][0]["body"] == f"Dear {NAME}"
        assert [body for name, body in found.items() if name.startswith("accounts/photo/")] == [
            b"picture"
        ]
        assert AuditEntry.objects.get(action="user.request_export").actor == who.user.public_id

    def test_holds_nothing_of_anybody_else(self) -> None:
        seed()
        other = person("other@example.test", full_name="Somebody Else")
        client = signed_in("other@example.test")

        link = self.ask(client)
        found = self.fetch(client, link[link.index("/account/") :])

        assert found["accounts.json"]["account"]["public_id"] == other.public_id
        assert not any(trace in str(found) for trace in TRACES if trace != ADDRESS)
        assert found["bookings.json"] == {"bookings": [], "messages": []}

    def test_the_link_serves_its_owner_only_and_a_day(self, client: Client) -> None:
        seed()
        mine = signed_in()
        person("other@example.test")
        link = self.ask(mine)
        link = link[link.index("/account/") :]

        stranger, other = client.get(link), signed_in("other@example.test").get(link)
        forged = mine.get(link[:-3] + "abc/")
        with time_machine.travel(timezone.now() + dt.timedelta(hours=25), tick=False):
            late = mine.get(link)

        assert stranger.status_code == 302
        assert (other.status_code, forged.status_code, late.status_code) == (404, 404, 404)

    def test_asked_twice_is_made_once_and_needs_a_recent_sign_in(self) -> None:
        seed()
        client, stale = signed_in(), Client()
        stale.force_login(User.objects.get(email=EMAIL))

        sent = stale.post(reverse("account_export"))
        client.post(reverse("account_export"))
        client.post(reverse("account_export"))

        assert "reauthenticate" in sent["Location"]
        assert PersonalExport.objects.count() == 1

    def test_is_unreadable_at_rest_and_goes_when_it_cannot_be_fetched(self) -> None:
        seed()
        client = signed_in()
        self.ask(client)
        kept = PersonalExport.objects.get()
        assert kept.body is not None
        assert b"PK" not in bytes(kept.body)[:40]

        PersonalExport.objects.update(expires_at="2020-01-01T00:00:00Z")
        prune_records()

        assert PersonalExport.objects.count() == 0

    def test_one_that_failed_can_be_made_again_by_operators(self) -> None:
        seed()
        client = signed_in()
        client.post(reverse("account_export"))
        PersonalExport.objects.update(state=Work.State.DEAD, attempts=8, last_error="disk full")
        boss = verified_client(superuser())
        export = PersonalExport.objects.get()

        told = client.get(reverse("account_data")).content.decode()
        shown = boss.get("/admin/accounts/personalexport/").content.decode()
        boss.post(f"/admin/accounts/personalexport/{export.pk}/do/replay/")
        run_bulk()

        export.refresh_from_db()
        assert "The last archive could not be made." in told
        assert "disk full" in shown
        assert (export.state, export.body is not None) == (Work.State.DONE, True)

    def test_the_page_says_where_it_stands(self) -> None:
        seed()
        client = signed_in()
        before = client.get(reverse("account_data")).content.decode()
        client.post(reverse("account_export"))
        during = client.get(reverse("account_data")).content.decode()
        run_bulk()
        after = client.get(reverse("account_data")).content.decode()

        assert "Ask for my data" in before
        assert "We are putting it together." in during
        assert "Fetch my data" in after


@pytest.mark.django_db
@pytest.mark.row("C14")
class TestErasure:
    def test_leaves_no_trace_in_any_table_and_keeps_the_money(self) -> None:
        who = seed()
        client = signed_in()
        assert len(traces()) > 15

        answer = client.post(reverse("account_erase"), {"is_sure": "on"})
        run_bulk()

        assert answer.status_code == 302
        assert traces() == []
        who.payment.refresh_from_db()
        who.user.refresh_from_db()
        assert (who.payment.status, who.payment.captured_minor) == ("succeeded", 150000)
        assert LedgerEntry.objects.get().amount_minor == 150000
        assert who.user.is_active is False
        assert who.user.email == f"{who.user.public_id}@erased.invalid"
        assert Erasure.objects.get().subjects == [who.contact.public_id, who.user.public_id]

    def test_upcoming_appointments_are_canceled_and_their_time_is_free(self) -> None:
        who = seed()

        signed_in().post(reverse("account_erase"), {"is_sure": "on"})

        who.upcoming.refresh_from_db()
        assert who.upcoming.status == "canceled"
        assert not who.upcoming.occupancies.filter(active=True).exists()

    def test_ends_every_session_and_the_account(self) -> None:
        seed()
        first, second = signed_in(), signed_in()

        first.post(reverse("account_erase"), {"is_sure": "on"})

        assert second.get(reverse("account_settings")).status_code == 302
        answer = Client().post(reverse("account_login"), {"login": EMAIL, "password": PASSWORD})
        assert answer.status_code == 200
        assert not EmailAddress.objects.filter(email=EMAIL).exists()
        ended = Event.objects.filter(type="user.sessions_ended", subject__startswith="usr_")
        assert ended.count() == 1

    def test_takes_the_address_out_of_invitations(self) -> None:
        who = seed()
        places = [MembershipFactory() for _ in range(2)]
        taken, waits = (
            team.invite(
                business=place.business, email=EMAIL, role=Role.FRONT_DESK, inviter=place.user
            )
            for place in places
        )
        team.accept(token=team_tokens.token_of(taken), user=who.user)

        signed_in().post(reverse("account_erase"), {"is_sure": "on"})
        run_bulk()

        found = [Invitation.objects.get(pk=row.pk) for row in (taken, waits)]
        assert [(row.email, row.status) for row in found] == [("", "accepted"), ("", "canceled")]
        assert traces() == []

    def test_is_on_record_without_the_person(self) -> None:
        who = seed()

        signed_in().post(reverse("account_erase"), {"is_sure": "on"})

        entry = AuditEntry.objects.get(action="user.erase")
        assert (entry.actor, entry.subject) == (who.user.public_id, who.user.public_id)
        assert entry.personal is None

    def test_asks_for_a_recent_sign_in_and_for_certainty(self) -> None:
        who = seed()
        stale = Client()
        stale.force_login(who.user)

        sent = stale.post(reverse("account_erase"), {"is_sure": "on"})
        unsure = signed_in().post(reverse("account_erase"), {})

        who.user.refresh_from_db()
        assert "reauthenticate" in sent["Location"]
        assert (unsure.status_code, who.user.email) == (400, EMAIL)
        assert not Erasure.objects.exists()

    def test_the_last_owner_hands_the_business_over_first(self) -> None:
        user = person(EMAIL, full_name=NAME)
        MembershipFactory(user=user, business__name="Lotus Spa")

        page = signed_in().post(reverse("account_erase"), {"is_sure": "on"})

        user.refresh_from_db()
        assert page.status_code == 400
        assert "Lotus Spa has no other owner. Hand it over first." in page.content.decode()
        assert user.full_name == NAME

    def test_who_worked_is_gone_from_calendars_photos_and_events(self) -> None:
        user = person(EMAIL, full_name=NAME)
        place = MembershipFactory(user=user, role=Role.FRONT_DESK)
        MembershipFactory(business=place.business)
        staff = StaffFactory(user=user, display_name=NAME, bio=WORDS)
        staff.photo.save("khai.png", ContentFile(b"picture"))
        path, storage = staff.photo.name, staff.photo.storage
        calendar = CalendarFactory(business=place.business, staff=staff, name=NAME)
        Event.objects.create(
            type="booking.created",
            public_id=new_public_id("evt"),
            business=place.business.public_id,
            subject="bkg_1",
            data={"calendar": calendar.public_id, "calendar_name": NAME},
        )

        signed_in().post(reverse("account_erase"), {"is_sure": "on"})
        run_bulk()

        assert traces() == []
        assert storage.exists(path) is False
        assert not Membership.objects.filter(user=user).exists()

    def test_another_customer_keeps_everything(self) -> None:
        seed()
        other = UserFactory(full_name="Trần Bảo", email="bao@example.test")
        entry = AuditEntry.objects.create(
            actor=other.public_id, action="x", personal={"address": "198.51.100.1"}
        )

        signed_in().post(reverse("account_erase"), {"is_sure": "on"})

        other.refresh_from_db()
        entry.refresh_from_db()
        assert (other.full_name, other.is_active) == ("Trần Bảo", True)
        assert entry.personal == {"address": "198.51.100.1"}


@pytest.mark.django_db
@pytest.mark.row("C14")
class TestErasureByStaff:
    def press(self, client: Client, item: Any, reason: str) -> int:
        meta = item._meta
        page = f"/admin/{meta.app_label}/{meta.model_name}/{item.pk}/do/erase/"
        return client.post(page, {"reason": reason}).status_code

    def test_a_superuser_erases_a_person_with_a_reason(self) -> None:
        who = seed()
        boss = superuser()
        client = verified_client(boss)

        refused = self.press(client, who.user, "")
        done = self.press(client, who.user, "Asked by letter")
        run_bulk()

        assert (refused, done) == (400, 302)
        assert traces() == []
        entry = AuditEntry.objects.get(action="user.erase")
        assert (entry.actor, entry.reason) == (boss.public_id, "Asked by letter")

    def test_a_manager_erases_their_own_customer_but_not_the_account(self) -> None:
        who = seed()
        manager = verified_client(staff_of(who.contact.business, Role.MANAGER))

        assert self.press(manager, who.contact, "Asked by phone") == 302

        who.contact.refresh_from_db()
        who.user.refresh_from_db()
        who.booking.refresh_from_db()
        assert (who.contact.name, who.contact.email, who.contact.user) == ("—", "", None)
        assert (who.booking.customer_note, who.lead.contact_id) == ("", who.contact.pk)
        assert who.user.full_name == NAME

    @pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.FINANCE, Role.AUDITOR])
    def test_others_may_not(self, role: Role) -> None:
        who = seed()

        status = self.press(verified_client(staff_of(who.contact.business, role)), who.contact, "x")

        who.contact.refresh_from_db()
        assert (status, who.contact.name) == (403, NAME)

    def test_nor_the_manager_of_another_business(self) -> None:
        who = seed()
        other = MembershipFactory().business

        status = self.press(verified_client(staff_of(other, Role.MANAGER)), who.contact, "x")

        who.contact.refresh_from_db()
        assert (status, who.contact.name) == (403, NAME)


@pytest.mark.django_db(transaction=True)
@pytest.mark.row("C14")
class TestRestore:
    def test_a_dump_from_before_does_not_bring_the_person_back(self, tmp_path: Path) -> None:
        programs = _programs()
        seed()
        dump = tmp_path / "before.dump"
        programs("pg_dump", "--format=custom", "--data-only", f"--file={dump}")
        signed_in().post(reverse("account_erase"), {"is_sure": "on"})
        run_bulk()
        gone = traces()

        _empty()
        programs("pg_restore", "--data-only", "--disable-triggers", "--exit-on-error", str(dump))
        restored = traces()
        call_command("reapply_erasures", stdout=io.StringIO())
        run_bulk()

        assert gone == []
        assert len(restored) > 15
        assert traces() == []
        assert Erasure.objects.count() == 1
        assert Payment.objects.get().captured_minor == 150000

    def test_repeats_safely(self) -> None:
        seed()
        signed_in().post(reverse("account_erase"), {"is_sure": "on"})
        run_bulk()

        out = io.StringIO()
        call_command("reapply_erasures", stdout=out)
        call_command("reapply_erasures", stdout=out)

        assert out.getvalue().count("1 erasures are applied.") == 2
        assert Erasure.objects.count() == 1


def _programs():
    """PostgreSQL's own programs, those of the embedded server or of the PATH."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        major = int(cursor.fetchone()[0]) // 10000
    folders = [find_binaries(), Path(shutil.which("pg_dump") or "/nowhere/pg_dump").parent]
    folder = next((path for path in folders if _major(path / "pg_dump") == major), None)
    if folder is None:
        pytest.skip(f"no pg_dump of PostgreSQL {major}")

    def run(name: str, *arguments: str) -> None:
        target = ["--dbname", _address(connection.settings_dict)]
        subprocess.run([str(folder / name), *target, *arguments], check=True, timeout=60)

    return run


def _major(program: Path) -> int:
    if not program.exists():
        return 0
    said = subprocess.run([str(program), "--version"], check=True, capture_output=True, text=True)
    return int(said.stdout.split()[-1].partition(".")[0])


def _address(settings: dict[str, Any]) -> str:
    parts = {
        "host": settings["HOST"],
        "port": settings["PORT"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
        "dbname": settings["NAME"],
    }
    return " ".join(f"{name}='{value}'" for name, value in parts.items() if value)


def _empty() -> None:
    with connection.cursor() as cursor:
        tables = ", ".join(f'"{name}"' for name in connection.introspection.table_names(cursor))
        cursor.execute(f"TRUNCATE {tables} CASCADE")
