"""The door while nothing can be published."""

import threading

import pytest

from events import nudge
from events.lanes import Lane
from tests.webhooks.test_door import ring
from webhooks.models import InboundEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.row("B7")
class TestHangingPublisher:
    def test_does_not_slow_the_answer(self, client, bell, settings, monkeypatch):
        ring(client)
        settings.EVENTS_PUBLISH_NUDGES = True
        began, release, ended = threading.Event(), threading.Event(), threading.Event()

        def hang(lane: Lane) -> None:
            began.set()
            release.wait(60)
            ended.set()

        monkeypatch.setattr(nudge, "publish", hang)
        statuses = [ring(client, b'{"id": "f%d"}' % n).status_code for n in range(50)]

        # Whoever waited for the publisher would have answered after its end.
        assert began.wait(60)
        assert not ended.is_set()
        release.set()
        assert statuses == [200] * 50
        assert InboundEvent.objects.count() == 51
