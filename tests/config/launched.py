"""Starts the launcher on a small stand-in project, as a process whose output is read."""

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

WEB = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *args):
        pass
print("serving", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

# Refuses to stop, and so does the child in its group: both must be killed.
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
while True:
    time.sleep(1)
"""

MANAGE = """
import os, sys
import psycopg
print("manage", sys.argv[1], flush=True)
if sys.argv[1] == "migrate":
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS django_migrations (applied timestamptz)")
        connection.execute("INSERT INTO django_migrations VALUES (now())")
if sys.argv[1] == "demo_signins":
    print("owner@example.test  demo-password")
"""


def make_project(folder: Path, *, python: str = sys.executable, is_stubborn: bool = False) -> Path:
    """Write a project whose commands answer at once; every command line names its folder."""
    folder.mkdir(parents=True)
    (folder / "manage.py").write_text(MANAGE)
    (folder / "fake_web.py").write_text(WEB)
    (folder / "stubborn.py").write_text(STUBBORN)
    (folder / "patient.py").write_text("import time; time.sleep(600)")
    web, worker = (
        f"{shlex.quote(python)} {shlex.quote(str(folder / script))}"
        for script in ("fake_web.py", "stubborn.py" if is_stubborn else "patient.py")
    )
    (folder / "Procfile").write_text(
        f"web: {web} $PORT\nrealtime: {web} $REALTIME_PORT\nworker: {worker}\nrelease: false\n"
    )
    return folder


class Launched:
    """One running launcher; its output is collected while it runs."""

    def __init__(
        self,
        project: Path,
        *,
        var: Path,
        port: int,
        prefix: Sequence[str] = (),
        python: str = sys.executable,
        **variables: str,
    ) -> None:
        hidden = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL")
        self.port = port
        self.process = subprocess.Popen(
            [
                *prefix,
                python,
                "-c",
                "import sys; from pathlib import Path; from config.run import main; "
                "sys.exit(main(project=Path(sys.argv[1])))",
                str(project),
            ],
            env={
                **{k: v for k, v in os.environ.items() if k not in hidden},
                "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *sys.path[1:]]),
                "FRONTDESK_VAR": str(var),
                "PORT": str(port),
                "DJANGO_SETTINGS_MODULE": "config.settings.local",
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, text: str, *, times: int = 1, seconds: float = 90) -> None:
        """Wait until the output holds the text, so many times."""
        deadline = time.monotonic() + seconds
        while self.output.count(text) < times:
            ended = self.process.poll() is not None and not self._reader.is_alive()
            if ended or time.monotonic() > deadline:
                raise AssertionError(f"{text!r} did not appear in:\n{self.output}")
            time.sleep(0.02)

    def wait_until_running(self) -> None:
        """Wait for the greeting."""
        self.wait_for("Stop with Ctrl-C")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Signal the launcher; return its exit code and the seconds it took."""
        begun = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(timeout=30)
        self._reader.join(timeout=5)
        return code, time.monotonic() - begun

    def close(self) -> None:
        """End it whatever the test found."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(timeout=5)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def get(self) -> str:
        """Return what the site answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
            text: str = answer.read().decode()
        return text


def processes_mentioning(text: str) -> dict[int, str]:
    """Return the command lines by process id that name the text, this process excepted.

    Give a folder of this test alone: the machine may run the same tests for somebody else.
    """
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in words:
            found[int(folder.name)] = words
    return found


def wait_for_processes(text: str, *, count: int) -> None:
    """Wait until exactly so many processes name the text."""
    deadline = time.monotonic() + 60
    while (found := len(processes_mentioning(text))) != count:
        if time.monotonic() > deadline:
            raise AssertionError(f"{found} processes name {text!r}, not {count}")
        time.sleep(0.05)


def wait_for_no_process(text: str, *, seconds: float) -> dict[int, str]:
    """Wait until no process names the text; return those left at the end of the time."""
    deadline = time.monotonic() + seconds
    while (left := processes_mentioning(text)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left
