"""Invitations and the team, as people meet them: pages, mails, and the API."""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import actions as people
from accounts.models import AuditEntry, Invitation, Membership, Role, SecurityEntry, User
from accounts.team import tokens
from events import relay
from events.models import Event
from tests.factories.accounts import BusinessFactory, MembershipFactory, UserFactory
from tests.factories.sign_in import PASSWORD, person, staff_of, verified_client

EMAIL = "new@team.test"
# The database's clock cannot be moved, and what is sent has to be fresh by both.
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
WEEK = dt.timedelta(days=7)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def business(db):
    return BusinessFactory(name="Lotus Spa")


@pytest.fixture
def owner(business):
    return MembershipFactory(business=business, user=person("owner@team.test")).user


@pytest.fixture
def desk(client, owner):
    client.force_login(owner)
    return client


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def invite(desk: Client, business: Any, *, email: str = EMAIL, role: str = "manager") -> str:
    """Invite by the page and return the token of the link that would go out."""
    answer = desk.post(
        reverse("manage_invite", args=[business.slug]), {"email": email, "role": role}
    )
    assert answer.status_code == 302, answer.content.decode()
    return tokens.token_of(Invitation.objects.get(email=email, status="open"))


def join(client: Client, token: str) -> Any:
    return client.post(reverse("invitation", args=[token]), {"do": "join"})


def role_of(business: Any, user: User) -> str:
    place = Membership.objects.filter(business=business, user=user).first()
    return place.role if place else ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.row("E3")
class TestMail:
    def test_leads_an_invited_account_into_the_team(self, desk, business):
        invite(desk, business)
        relay.drain_all()
        invited = person(EMAIL)

        letter = mail.outbox[-1]
        link = re.search(r"http://127.0.0.1:8000(/join/\S+)", str(letter.body))
        assert link is not None
        page = signed_in(invited).get(link.group(1)).content.decode()
        answer = join(signed_in(invited), link.group(1).split("/")[2])

        assert (letter.subject, letter.to) == ("Join Lotus Spa as manager", [EMAIL])
        assert "Join the team" in page
        assert answer.headers["Location"] == reverse("manage_home")
        assert role_of(business, invited) == "manager"

    def test_is_not_sent_for_a_link_that_was_renewed_or_withdrawn_meanwhile(
        self, desk, business, clock
    ):
        invite(desk, business)
        clock.shift(dt.timedelta(minutes=2))
        invitation = Invitation.objects.get()
        desk.post(reverse("manage_invitation_resend", args=[business.slug, invitation.public_id]))
        relay.drain_all()
        invite(desk, business, email="other@team.test")
        other = Invitation.objects.get(email="other@team.test")
        desk.post(reverse("manage_invitation_cancel", args=[business.slug, other.public_id]))
        relay.drain_all()

        assert [letter.to for letter in mail.outbox] == [[EMAIL]]
        invitation.refresh_from_db()
        assert tokens.link_of(invitation) in str(mail.outbox[0].body)

    def test_tells_owners_who_joined_and_members_what_became_of_them(self, desk, business):
        token = invite(desk, business)
        invited = person(EMAIL, full_name="Lan")
        join(signed_in(invited), token)
        desk.post(
            reverse("manage_member_role", args=[business.slug, invited.public_id]),
            {"role": "finance"},
        )
        desk.post(reverse("manage_member_remove", args=[business.slug, invited.public_id]))
        relay.drain_all()

        told = {(letter.subject, letter.to[0].split("<")[-1]) for letter in mail.outbox}
        assert told == {
            ("Lan joined Lotus Spa", "owner@team.test>"),
            ("You are now finance at Lotus Spa", f"{EMAIL}>"),
            ("You are no longer in the team of Lotus Spa", f"{EMAIL}>"),
        }

    def test_open_sockets_of_the_removed_are_asked_to_prove_themselves(
        self, desk, business, monkeypatch
    ):
        import redis
        from django.conf import settings

        place = MembershipFactory(business=business, role=Role.SUPPORT)
        listening = redis.Redis.from_url(settings.SOCKETS_REDIS_URL).pubsub()
        listening.subscribe(settings.SOCKETS_REDIS_CHANNEL)
        listening.get_message(timeout=5)
        desk.post(reverse("manage_member_remove", args=[business.slug, place.user.public_id]))
        relay.drain_all()

        heard = []
        while (message := listening.get_message(timeout=1)) is not None:
            heard.append(message["data"])
        listening.close()
        assert f'{{"recheck":"{place.user.public_id}"}}'.encode() in heard


@pytest.mark.row("E3")
class TestLink:
    def test_is_kept_as_a_hash_only(self, desk, business):
        token = invite(desk, business)

        row = Invitation.objects.values().get()
        assert token not in str(row)
        assert row["token_hash"] == tokens.hash_of(token)
        assert token not in str(list(Event.objects.values_list("data", flat=True)))
        assert token not in str(list(AuditEntry.objects.values()))
        assert EMAIL not in str(list(Event.objects.values_list("data", flat=True)))

    def test_is_for_the_invited_address_alone(self, desk, business):
        token = invite(desk, business)
        stranger = person("stranger@team.test")

        page = signed_in(stranger).get(reverse("invitation", args=[token])).content.decode()
        join(signed_in(stranger), token)

        assert f"The invitation is for {EMAIL}." in page
        assert role_of(business, stranger) == ""
        assert SecurityEntry.objects.filter(kind="invitation.other_address").count() == 1

    def test_does_not_open_to_an_address_that_was_never_proven(self, desk, business):
        token = invite(desk, business)
        unproven = UserFactory(email=EMAIL)

        join(signed_in(unproven), token)

        assert role_of(business, unproven) == ""

    def test_asks_strangers_to_sign_in_or_up(self, desk, business):
        token = invite(desk, business)
        address = reverse("invitation", args=[token])

        page = Client().get(address).content.decode()
        answer = join(Client(), token)

        assert f"{reverse('account_login')}?next=%2Fjoin%2F{token}%2F" in page
        assert answer.headers["Location"].startswith(reverse("account_login"))

    def test_is_unknown_when_made_up(self, client, db):
        assert client.get(reverse("invitation", args=["x" * 43])).status_code == 404

    def test_ends_after_seven_days(self, desk, business, clock):
        token = invite(desk, business)
        invited = person(EMAIL)

        clock.shift(WEEK - dt.timedelta(seconds=1))
        before = signed_in(invited).get(reverse("invitation", args=[token])).status_code
        clock.shift(dt.timedelta(seconds=1))
        after = signed_in(invited).get(reverse("invitation", args=[token])).status_code
        answer = signed_in(invited).post(
            "/api/v1/invitations/accept", {"token": token}, content_type="application/json"
        )

        assert (before, after) == (200, 410)
        assert (answer.status_code, answer.json()["code"]) == (409, "INVITATION_ENDED")
        assert role_of(business, invited) == ""

    def test_works_once(self, desk, business):
        token = invite(desk, business)
        invited = person(EMAIL)
        join(signed_in(invited), token)
        people.remove_member(
            membership_id=Membership.objects.get(user=invited).pk, actor="test", reason="gone"
        )

        again = join(signed_in(invited), token)

        assert again.status_code == 410
        assert role_of(business, invited) == ""

    def test_pressed_twice_leads_on_and_records_one_joining(self, desk, business):
        token = invite(desk, business)
        invited = signed_in(person(EMAIL))

        answers = [join(invited, token).headers["Location"] for _ in range(2)]

        assert answers == [reverse("manage_home")] * 2
        assert Event.objects.filter(type="invitation.accepted").count() == 1

    @pytest.mark.parametrize("step", ["manage_invitation_cancel", "manage_invitation_resend"])
    def test_of_before_is_void_once_withdrawn_or_sent_anew(self, desk, business, clock, step):
        token = invite(desk, business)
        invited = person(EMAIL)
        clock.shift(dt.timedelta(minutes=2))
        invitation = Invitation.objects.get()

        desk.post(reverse(step, args=[business.slug, invitation.public_id]))

        assert join(signed_in(invited), token).status_code in {404, 410}
        assert role_of(business, invited) == ""

    def test_makes_nobody_less_than_they_are(self, desk, business):
        token = invite(desk, business, role="support")
        invited = person(EMAIL)
        MembershipFactory(business=business, user=invited, role=Role.OWNER)

        join(signed_in(invited), token)

        assert role_of(business, invited) == "owner"


@pytest.mark.django_db(transaction=True)
@pytest.mark.row("E3", "E1")
class TestSignUp:
    def test_by_the_link_lands_in_the_team_without_another_mail(self, desk, business):
        token = invite(desk, business, role="front_desk")
        relay.drain_all()
        sent = len(mail.outbox)
        newcomer = Client()

        start = newcomer.post(reverse("invitation", args=[token]), {"do": "sign_up"})
        signed_up = newcomer.post(
            start.headers["Location"],
            {"email": EMAIL, "password1": PASSWORD, "next": reverse("invitation", args=[token])},
        )
        page = newcomer.get(signed_up.headers["Location"], follow=True)

        user = User.objects.get(email=EMAIL)
        assert role_of(business, user) == "front_desk"
        assert page.redirect_chain[-1][0] == reverse("manage_today", args=[business.slug])
        assert len(mail.outbox) == sent

    def test_with_another_address_proves_it_first_and_joins_nothing(self, desk, business):
        token = invite(desk, business)
        newcomer = Client()
        newcomer.post(reverse("invitation", args=[token]), {"do": "sign_up"})

        newcomer.post(reverse("account_signup"), {"email": "mine@team.test", "password1": PASSWORD})

        assert newcomer.get(reverse("account_home")).status_code == 302
        proven = EmailAddress.objects.filter(user__email="mine@team.test").values_list(
            "email", "verified"
        )
        assert list(proven) == [("mine@team.test", False)]
        assert Membership.objects.filter(business=business).count() == 1

    def test_after_the_invitation_was_withdrawn_makes_an_account_only(self, desk, business):
        token = invite(desk, business)
        newcomer = Client()
        newcomer.post(reverse("invitation", args=[token]), {"do": "sign_up"})
        invitation = Invitation.objects.get()
        desk.post(reverse("manage_invitation_cancel", args=[business.slug, invitation.public_id]))

        newcomer.post(reverse("account_signup"), {"email": EMAIL, "password1": PASSWORD})

        assert role_of(business, User.objects.get(email=EMAIL)) == ""


@pytest.mark.row("E3")
class TestInviting:
    @pytest.mark.parametrize(
        ("email", "sentence"),
        [
            ("OWNER@team.test", "They are a member already."),
            ("not an address", "Enter a valid email address."),
        ],
    )
    def test_is_refused_beside_the_form(self, desk, business, email, sentence):
        answer = desk.post(
            reverse("manage_invite", args=[business.slug]), {"email": email, "role": "manager"}
        )

        assert answer.status_code == 400
        assert sentence in answer.content.decode()
        assert Invitation.objects.count() == 0

    def test_the_same_address_again_changes_the_role_of_the_one_invitation(
        self, desk, business, clock
    ):
        invite(desk, business)
        again = desk.post(
            reverse("manage_invite", args=[business.slug]),
            {"email": EMAIL.upper(), "role": "finance"},
        )
        clock.shift(dt.timedelta(minutes=2))
        invite(desk, business, role="finance")

        assert again.status_code == 400
        assert "sent a moment ago" in again.content.decode()
        assert [(row.email, row.role) for row in Invitation.objects.all()] == [(EMAIL, "finance")]

    def test_stops_at_fifty_open_ones(self, desk, business):
        for number in range(50):
            invite(desk, business, email=f"many{number}@team.test")

        answer = desk.post(
            reverse("manage_invite", args=[business.slug]), {"email": EMAIL, "role": "manager"}
        )

        assert answer.status_code == 400
        assert Invitation.objects.count() == 50

    @pytest.mark.parametrize("role", [role for role in Role if role != Role.OWNER])
    def test_is_the_owners_alone(self, business, role):
        member = MembershipFactory(business=business, role=role)

        answer = signed_in(member.user).post(
            reverse("manage_invite", args=[business.slug]), {"email": EMAIL, "role": "owner"}
        )

        assert answer.status_code == 403
        assert Invitation.objects.count() == 0

    def test_another_businesss_invitation_is_out_of_reach(self, desk, business):
        foreign = MembershipFactory()
        invite(signed_in(foreign.user), foreign.business)
        invitation = Invitation.objects.get()

        here = desk.post(
            reverse("manage_invitation_cancel", args=[business.slug, invitation.public_id])
        )
        there = desk.post(
            reverse("manage_invitation_cancel", args=[foreign.business.slug, invitation.public_id])
        )

        invitation.refresh_from_db()
        assert (here.status_code, there.status_code, invitation.status) == (403, 403, "open")

    def test_ends_with_the_place_of_whoever_invited(self, desk, business):
        second = MembershipFactory(business=business)
        token = invite(signed_in(second.user), business)
        invited = person(EMAIL)

        desk.post(reverse("manage_member_remove", args=[business.slug, second.user.public_id]))

        assert join(signed_in(invited), token).status_code == 410
        assert role_of(business, invited) == ""


@pytest.mark.row("E3")
class TestMembers:
    @pytest.fixture
    def clerk(self, business):
        return MembershipFactory(business=business, role=Role.FRONT_DESK).user

    def test_show_to_every_role_and_change_by_owners_alone(self, desk, business, clerk):
        page = signed_in(clerk).get(reverse("manage_team", args=[business.slug])).content.decode()
        answer = signed_in(clerk).post(
            reverse("manage_member_role", args=[business.slug, clerk.public_id]),
            {"role": "owner"},
        )

        assert "owner@team.test" in page
        assert "Invite somebody" not in page
        assert (answer.status_code, role_of(business, clerk)) == (403, "front_desk")

    def test_lose_every_access_at_once(self, desk, business, clerk):
        theirs = signed_in(clerk)
        before = theirs.get(reverse("manage_today", args=[business.slug])).status_code

        desk.post(
            reverse("manage_member_remove", args=[business.slug, clerk.public_id]),
            {"reason": "Moved away"},
        )

        assert before == 200
        assert theirs.get(reverse("manage_today", args=[business.slug])).status_code == 403
        entry = AuditEntry.objects.get(action="member.remove")
        assert (entry.reason, entry.before) == ("Moved away", {"role": "front_desk"})

    def test_leave_by_themselves(self, business, owner, clerk):
        answer = signed_in(clerk).post(reverse("manage_leave", args=[business.slug]))

        assert answer.headers["Location"] == reverse("account_home")
        assert role_of(business, clerk) == ""

    def test_but_for_the_last_owner(self, desk, business, owner):
        left = desk.post(reverse("manage_leave", args=[business.slug]), follow=True)
        demoted = desk.post(
            reverse("manage_member_role", args=[business.slug, owner.public_id]),
            {"role": "manager"},
            follow=True,
        )

        for answer in (left, demoted):
            assert "A business keeps at least one owner." in answer.content.decode()
        assert role_of(business, owner) == "owner"

    def test_are_handed_the_business(self, desk, business, owner, clerk):
        desk.post(reverse("manage_hand_over", args=[business.slug, clerk.public_id]))
        again = desk.post(reverse("manage_hand_over", args=[business.slug, clerk.public_id]))

        assert (role_of(business, clerk), role_of(business, owner)) == ("owner", "manager")
        assert again.status_code == 403
        assert SecurityEntry.objects.filter(kind="business.handed_over").count() == 1

    def test_of_another_business_are_missing_here(self, desk, business):
        other = MembershipFactory()

        answer = desk.post(
            reverse("manage_member_remove", args=[business.slug, other.user.public_id])
        )

        assert answer.status_code == 404
        assert role_of(other.business, other.user) == "owner"

    @pytest.mark.parametrize("role", list(Role))
    def test_open_the_desk_on_a_page_that_is_theirs(self, business, role):
        client = signed_in(MembershipFactory(business=business, role=role).user)

        page = client.get(reverse("manage_home"), follow=True)

        assert page.status_code == 200
        for tab in page.context["tabs"]:
            assert client.get(tab["href"]).status_code == 200, tab


@pytest.mark.row("E3")
class TestApi:
    def send(self, client: Client, method: str, path: str, body: Any = None) -> Any:
        return getattr(client, method)(
            f"/api/v1/{path}", body or {}, content_type="application/json"
        )

    def test_invites_and_accepts_without_ever_telling_the_token(self, desk, business):
        made = self.send(
            desk,
            "post",
            f"businesses/{business.slug}/invitations",
            {"email": EMAIL, "role": "support"},
        )
        invitation = Invitation.objects.get()
        token = tokens.token_of(invitation)
        invited = person(EMAIL)
        accepted = self.send(signed_in(invited), "post", "invitations/accept", {"token": token})

        assert made.status_code == 201
        assert made.json() == {
            "id": invitation.public_id,
            "email": EMAIL,
            "role": "support",
            "status": "open",
            "expires_at": (NOW + WEEK).isoformat(),
        }
        assert (accepted.status_code, accepted.json()["role"]) == (200, "support")

    def test_lists_changes_and_removes_members(self, desk, business, owner):
        clerk = MembershipFactory(business=business, role=Role.FRONT_DESK).user
        path = f"businesses/{business.slug}/members"

        changed = self.send(desk, "patch", f"{path}/{clerk.public_id}", {"role": "finance"})
        listed = desk.get(f"/api/v1/{path}").json()["data"]
        removed = self.send(desk, "delete", f"{path}/{clerk.public_id}")
        last = self.send(desk, "delete", f"{path}/{owner.public_id}")

        assert changed.json()["role"] == "finance"
        assert [(row["id"], row["role"]) for row in listed] == [
            (owner.public_id, "owner"),
            (clerk.public_id, "finance"),
        ]
        assert removed.status_code == 200
        assert (last.status_code, last.json()["code"]) == (409, "CONFLICT")
        assert Membership.objects.filter(business=business).count() == 1

    def test_refuses_an_unknown_role_and_unknown_fields(self, desk, business):
        path = f"businesses/{business.slug}/invitations"

        role = self.send(desk, "post", path, {"email": EMAIL, "role": "king"})
        extra = self.send(desk, "post", path, {"email": EMAIL, "role": "owner", "token": "x"})

        assert (role.status_code, extra.status_code) == (400, 400)
        assert Invitation.objects.count() == 0

    def test_hands_over(self, desk, business, owner):
        heir = MembershipFactory(business=business, role=Role.MANAGER).user

        answer = self.send(
            desk, "post", f"businesses/{business.slug}/owner", {"member": heir.public_id}
        )

        assert answer.json()["role"] == "owner"
        assert role_of(business, owner) == "manager"


@pytest.mark.row("E3")
class TestAdmin:
    def test_withdraws_and_sends_again(self, business, desk, clock):
        invite(desk, business)
        invitation = Invitation.objects.get()
        console = verified_client(staff_of(business))
        address = f"/admin/accounts/invitation/{invitation.pk}"
        clock.shift(dt.timedelta(minutes=2))

        console.post(f"{address}/do/resend/")
        renewed = Invitation.objects.get().expires_at
        console.post(f"{address}/do/cancel/")

        assert renewed == NOW + WEEK + dt.timedelta(minutes=2)
        assert Invitation.objects.get().status == "canceled"

    def test_shows_no_part_of_the_link(self, business, desk):
        token = invite(desk, business)
        invitation = Invitation.objects.get()
        console = verified_client(staff_of(business))

        page = console.get(f"/admin/accounts/invitation/{invitation.pk}/change/").content.decode()

        assert EMAIL in page
        for secret in (token, invitation.nonce, invitation.token_hash):
            assert secret not in page
