"""While the database cannot be reached: come back later, and nothing of the cause."""

import pytest
from django.db import OperationalError

from accounts.models import Business


@pytest.fixture
def gone(monkeypatch):
    def refuse(*_args, **_more):
        raise OperationalError("connection to server on 10.0.0.5 failed")

    monkeypatch.setattr(Business.objects, "filter", refuse)
    monkeypatch.setattr(Business.objects, "all", refuse)
    monkeypatch.setattr(Business.objects, "get_queryset", refuse)


@pytest.mark.django_db
@pytest.mark.usefixtures("gone")
class TestDatabaseGone:
    def test_tells_programs_when_to_come_back(self, client) -> None:
        client.raise_request_exception = False

        answer = client.get("/api/v1/businesses")

        assert (answer.status_code, answer.json()["code"]) == (503, "BUSY")
        assert answer["Retry-After"] == "5"
        assert "10.0.0.5" not in answer.content.decode()

    def test_tells_people_on_a_page(self, client) -> None:
        client.raise_request_exception = False

        answer = client.get("/")

        assert answer.status_code == 503
        assert "10.0.0.5" not in answer.content.decode()
