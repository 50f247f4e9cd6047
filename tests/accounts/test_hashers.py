"""Computing passwords takes whole cores, so only so many are computed at once."""

import threading
from contextlib import ExitStack

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.urls import reverse

from accounts import hashers, passwords
from accounts.hashers import BCryptSHA256Rounds14PasswordHasher, Gate
from common.errors import Busy
from tests.factories.sign_in import PASSWORD, person


@pytest.fixture
def cheap_bcrypt(settings, monkeypatch):
    monkeypatch.setattr(BCryptSHA256Rounds14PasswordHasher, "rounds", 4)
    settings.PASSWORD_HASHERS = ["accounts.hashers.BCryptSHA256Rounds14PasswordHasher"]


@pytest.fixture
def full_gate(monkeypatch):
    """A gate nobody gets through until the test ends."""
    with ExitStack() as held:
        monkeypatch.setattr(hashers, "gate", Gate(running=1, waiting=0))
        held.enter_context(hashers.gate.enter())
        yield


class TestGate:
    def test_lets_one_in_two_wait_and_refuses_the_next(self):
        gate, inside, leave = Gate(running=1, waiting=2), [], threading.Event()

        def visit() -> None:
            with gate.enter():
                inside.append(threading.get_ident())
                leave.wait(10)

        visitors = [threading.Thread(target=visit) for _ in range(3)]
        for visitor in visitors:
            visitor.start()
        while gate._places._value:  # until all three hold a place
            threading.Event().wait(0.001)

        with pytest.raises(Busy) as refusal, gate.enter():
            pass
        assert len(inside) == 1
        assert refusal.value.headers == {"Retry-After": "1"}

        leave.set()
        for visitor in visitors:
            visitor.join()
        assert len(inside) == 3
        with gate.enter():
            pass

    def test_gives_its_seat_back_after_a_fault(self):
        gate = Gate(running=1, waiting=0)
        with pytest.raises(ZeroDivisionError), gate.enter():
            raise ZeroDivisionError

        with gate.enter():
            pass


@pytest.mark.row("A6")
@pytest.mark.usefixtures("cheap_bcrypt")
class TestHasher:
    def test_makes_and_checks_passwords(self):
        encoded = make_password(PASSWORD)

        assert check_password(PASSWORD, encoded)
        assert not check_password("another password", encoded)

    def test_passes_the_gate_for_both(self, full_gate):
        with pytest.raises(Busy):
            make_password(PASSWORD)

    def test_so_does_the_mark_by_which_a_used_one_is_known(self, full_gate):
        with pytest.raises(Busy):
            passwords.mark_of(account="usr_1", password=PASSWORD)

    @pytest.mark.django_db
    def test_answers_503_at_the_sign_in_page(self, client, request):
        user = person()
        request.getfixturevalue("full_gate")

        answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})

        assert answer.status_code == 503
        assert answer["Retry-After"] == "1"
        assert PASSWORD not in answer.content.decode()
