"""What open pages live through: a Redis that restarts, a process that is not the only one."""

import shutil
import signal
import subprocess
from contextlib import ExitStack

import pytest
from redis import Redis
from redis.exceptions import RedisError

from notifications.realtime import publisher
from tests.notifications.realtime import Realtime, hear, say, until
from tests.ports import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.service]


class OwnRedis:
    """A Redis of this test alone, on a TCP port, which may be stopped and started."""

    def __init__(self, folder) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        found = shutil.which("redis-server") or shutil.which("valkey-server")
        if found is None:
            pytest.skip("no redis-server or valkey-server on the PATH")
        self.process = subprocess.Popen(
            [found, "--port", str(self.port), "--save", "", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
        )
        until(self._answers)

    def _answers(self) -> bool:
        with Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def own_redis(tmp_path, settings, monkeypatch):
    redis = OwnRedis(tmp_path)
    settings.SOCKETS_REDIS_URL = f"redis://127.0.0.1:{redis.port}/2"
    settings.SOCKETS_REDIS_CHANNEL = "fd:2:rooms"
    monkeypatch.setattr(publisher, "_clients", {})
    yield redis
    redis.stop()


class TestRestartedRedis:
    @pytest.mark.row("E11")
    def test_leaves_sockets_open_and_lets_pages_read_again(
        self, own_redis, tmp_path, business, owner
    ):
        room = f"staff:{business.public_id}"
        with Realtime(tmp_path, redis_url=own_redis.url) as process, process.open(owner) as client:
            say(client, type="join", room=room)
            publisher.publish(rooms=[room], message={"type": "before"})
            assert hear(client) == {"type": "before"}

            own_redis.stop()
            assert say(client, type="ping") == {"type": "pong"}
            with pytest.raises(RedisError):
                publisher.publish(rooms=[room], message={"type": "lost"})
            own_redis.start()

            assert hear(client) == {"type": "resync"}
            publisher.publish(rooms=[room], message={"type": "after"})
            assert hear(client) == {"type": "after"}

    def test_keeps_no_page_from_opening_and_lets_it_read_again_once_there(
        self, own_redis, tmp_path, business, owner
    ):
        room = f"staff:{business.public_id}"
        own_redis.stop()
        with Realtime(tmp_path, redis_url=own_redis.url) as process, process.open(owner) as client:
            assert say(client, type="join", room=room) == {"type": "joined", "room": room}

            own_redis.start()

            assert hear(client) == {"type": "resync"}
            publisher.publish(rooms=[room], message={"type": "after"})
            assert hear(client) == {"type": "after"}

    def test_is_noticed_also_when_it_freezes_without_closing_anything(
        self, own_redis, tmp_path, business, owner
    ):
        room = f"staff:{business.public_id}"
        with Realtime(tmp_path, redis_url=own_redis.url) as process, process.open(owner) as client:
            say(client, type="join", room=room)
            publisher.publish(rooms=[room], message={"type": "before"})
            assert hear(client) == {"type": "before"}

            own_redis.process.send_signal(signal.SIGSTOP)
            until(lambda: "rooms subscription lost" in process.log.read_text())
            assert say(client, type="ping") == {"type": "pong"}
            own_redis.process.send_signal(signal.SIGCONT)

            until_types = [hear(client)["type"]]
            publisher.publish(rooms=[room], message={"type": "after"})
            while until_types[-1] != "after":
                until_types.append(hear(client)["type"])
            assert until_types[0] == "resync"


class TestManySockets:
    @pytest.mark.row("E11")
    def test_all_hear_a_burst_in_order_and_nothing_is_lost(self, realtime, business, owner):
        room = f"staff:{business.public_id}"
        with ExitStack() as stack:
            clients = [stack.enter_context(realtime.open(owner)) for _ in range(50)]
            for client in clients:
                say(client, type="join", room=room)
            for number in range(40):
                publisher.publish(rooms=[room], message={"type": "tick", "version": number})
            for client in clients:
                heard = [hear(client)["version"] for _ in range(40)]
                assert heard == list(range(40))
