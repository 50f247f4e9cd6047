"""Real processes for a drill: workers, beat and web against the test database."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import httpx
from django.conf import settings
from django.db import connection

from config import redis_urls
from config.embedded.redis import Redis
from tests.drill.proxy import Proxy
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SCALE = float(os.environ.get("DRILL_SCALE", "0.1"))


def scaled(full: int, least: int) -> int:
    """Return the full size shrunk by DRILL_SCALE, never below the least."""
    return max(least, int(full * SCALE))


def database_url() -> str:
    """Return the address of the test database that this process uses."""
    given = connection.settings_dict
    host, port = str(given["HOST"]), str(given["PORT"])
    query = {"host": host} if host.startswith("/") else {}
    user = quote(str(given["USER"] or "postgres"))
    password = f":{quote(str(given['PASSWORD']))}" if given["PASSWORD"] else ""
    where = "" if query else f"{host}{':' + port if port else ''}"
    suffix = f"?{urlencode(query)}" if query else ""
    return f"postgres://{user}{password}@{where}/{given['NAME']}{suffix}"


class RedisBroker:
    """A Redis process of the drill's own, which can be frozen as a process."""

    def __init__(self, folder: Path) -> None:
        self._redis = Redis(folder, is_throwaway=True)
        self.url = redis_urls.as_broker(self._redis.url)
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._redis.prepare()
        program = self._redis.program()
        self._process = subprocess.Popen(program.argv, cwd=program.cwd, stdout=subprocess.DEVNULL)
        wait_until(self._redis.is_ready, 60, "the broker answers")

    def freeze(self) -> None:
        """Stop the process where it is; the system still takes connections for it."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it, frozen or not."""
        self._process.kill()
        self._process.wait()


class Stack:
    """Processes that share one broker, by default behind a proxy; everything ends with `close`."""

    broker_proxy: Proxy | RedisBroker

    def __init__(self, folder: Path, *, broker: RedisBroker | None = None) -> None:
        self.folder = folder
        self.redis_proxy = Proxy(settings.REDIS_URL)
        number = redis_urls.database_number(settings.REDIS_URL)
        self.redis_url = f"redis://127.0.0.1:{self.redis_proxy.port}/{number}"
        self.is_rabbit = broker is None and settings.CELERY_BROKER_URL.startswith("amqp")
        if broker is not None:
            self.broker_proxy, self.broker_url = broker, broker.url
        elif self.is_rabbit:
            proxy = self.broker_proxy = Proxy(settings.CELERY_BROKER_URL)
            parts = urlsplit(settings.CELERY_BROKER_URL)
            account = parts.netloc.rpartition("@")[0]
            at = f"{account}@" if account else ""
            self.broker_url = f"amqp://{at}127.0.0.1:{proxy.port}{parts.path}"
        else:
            self.broker_proxy, self.broker_url = self.redis_proxy, self.redis_url
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *command: str, **env: str) -> None:
        """Start a Python module as its own process group, logging to the drill's folder."""
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.drill.settings",
                "DATABASE_URL": database_url(),
                "REDIS_URL": self.redis_url,
                "CELERY_BROKER_URL": self.broker_url,
                "SECRET_KEY": settings.SECRET_KEY,
                "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
                "PROCESS_TYPE": "worker",
                **env,
            },
        )

    def start_worker(self, name: str = "worker") -> None:
        """Start a worker of the critical and default lanes, as the Procfile does."""
        self.start(
            name, "celery", "-A", "config", "worker", "-Q", "critical,default", "-c", "2",
            "--without-gossip", "--without-mingle", "-n", f"{name}@%h", "-l", "INFO",
        )  # fmt: skip

    def start_web(self) -> str:
        """Start the web process as the Procfile does; returns its address once it answers."""
        port = free_port()
        self.start(
            "web", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error",
            "--workers", "1", "--blocking-threads", "8", "--host", "127.0.0.1",
            "--port", str(port), "config.wsgi:application",
            PROCESS_TYPE="web", TRUSTED_PROXIES="127.0.0.1",
        )  # fmt: skip
        address = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            self.check_alive()
            try:
                return httpx.get(f"{address}/health", timeout=5).status_code == 200
            except httpx.HTTPError:
                return False

        wait_until(answers, 60, "the web process answers")
        return address

    def start_beat(self) -> None:
        """Start beat, which starts the sweep."""
        self.start(
            "beat", "celery", "-A", "config", "beat", "--pidfile=", "--max-interval", "2",
            "-S", "django_celery_beat.schedulers:DatabaseScheduler",
        )  # fmt: skip

    def kill(self, name: str) -> None:
        """Kill the process and its children at once, as a crash of the machine would."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def close(self) -> None:
        """End everything."""
        self.broker_proxy.thaw()
        self.redis_proxy.thaw()
        for name in list(self.processes):
            self.kill(name)
        self.broker_proxy.stop()
        self.redis_proxy.stop()

    def check_alive(self) -> None:
        """Raise AssertionError when a process has ended by itself."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise AssertionError(f"{name} ended with {process.returncode}")

    def logs(self) -> str:
        """Return the ends of the logs, for a failing assertion."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}"
            for path in sorted(self.folder.glob("*.log"))
        )


def wait_until(is_true: Callable[[], bool], seconds: float, what: str) -> float:
    """Poll until true; returns the seconds it took, raises AssertionError at the limit."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if is_true():
            return time.monotonic() - started
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")
