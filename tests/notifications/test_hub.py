"""The hub by itself: what a process does with its sockets without being asked."""

import asyncio

from notifications.realtime.hub import Hub
from notifications.realtime.origin import parse_origin
from notifications.realtime.outbox import Outbox


class Listener:
    def __init__(self, name: str) -> None:
        self.id, self.user_id = name, f"usr_{name}"
        self.heard: list[str] = []
        self.rechecks = 0

    def offer(self, text: str) -> None:
        self.heard.append(text)

    async def recheck(self) -> None:
        self.rechecks += 1


class TestHub:
    def test_rechecks_every_socket_again_and_again(self, settings):
        settings.SOCKET_RECHECK_SECONDS = 0.02
        listeners = [Listener("a"), Listener("b")]

        async def watch() -> None:
            hub = Hub()
            hub._members.update(listeners)
            task = asyncio.create_task(hub._watch_for_ever())
            async with asyncio.timeout(10):
                while min(listener.rechecks for listener in listeners) < 2:
                    await asyncio.sleep(0.005)
            task.cancel()

        asyncio.run(watch())

        assert all(listener.rechecks >= 2 for listener in listeners)

    def test_does_not_echo_to_the_sender_and_forgets_who_left(self):
        hub, writer, reader, gone = Hub(), Listener("w"), Listener("r"), Listener("g")
        for listener in (writer, reader, gone):
            hub.join(listener, "booking:x")
        hub.remove(gone)

        hub.deliver(b'{"rooms":["booking:x"],"message":{"type":"typing"},"sender":"w"}')

        assert (writer.heard, reader.heard, gone.heard) == ([], ['{"type":"typing"}'], [])


class TestOutbox:
    def test_overflows_once_and_takes_nothing_more(self):
        overflows = []

        async def fill() -> None:
            async def never(_message: object) -> None:
                await asyncio.Event().wait()

            outbox = Outbox(never, limit=3, on_overflow=lambda: overflows.append(1))
            for number in range(10):
                outbox.offer(str(number))

        asyncio.run(fill())

        assert overflows == [1]


class TestParseOrigin:
    def test_knows_scheme_host_and_port(self):
        assert parse_origin("https://Desk.Example") == ("https", "desk.example", 443)
        assert parse_origin("http://desk.example:8001") == ("http", "desk.example", 8001)

    def test_takes_nothing_else(self):
        for value in ("null", "", "desk.example", "file://", "https://", "http://x:y", "ws://x"):
            assert parse_origin(value) is None
        assert parse_origin("https://desk.example/path") is None
