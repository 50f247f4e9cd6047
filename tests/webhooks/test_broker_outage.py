"""The door while nothing can be published."""

import time

import pytest

from events import nudge
from tests.webhooks.test_door import ring
from webhooks.models import InboundEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.row("B7")
class TestHangingPublisher:
    def test_does_not_slow_the_answer(self, client, bell, settings, monkeypatch):
        ring(client)
        settings.EVENTS_PUBLISH_NUDGES = True
        monkeypatch.setattr(nudge, "publish", lambda lane: time.sleep(5))
        took = []
        for number in range(50):
            before = time.monotonic()
            response = ring(client, b'{"id": "f%d"}' % number)
            took.append(time.monotonic() - before)
            assert response.status_code == 200
        assert sorted(took)[48] < 0.1
        assert InboundEvent.objects.count() == 51
