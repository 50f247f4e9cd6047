"""Brings .venv to the state a lock file names.

Standard library only: it runs before anything is installed.

Usage: python _environment.py ROOT KIND, where KIND is run, dev or browser. A larger installed
set satisfies a smaller one, so that starting the product never removes the test tools.
The stamp .venv/.lock-hash is written last: an interrupted installation is begun again.
"""

import fcntl
import hashlib
import importlib.util
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

LOCKS = {
    "run": "requirements.lock",
    "dev": "requirements-dev.lock",
    "browser": "requirements-browser.lock",
}
SIZES_MB = {"run": 1000, "dev": 1600, "browser": 1800}
MINOR_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
EACH_PACKAGE = re.compile(r" [+~-] ")
NO_SPACE = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
NO_NETWORK = re.compile(
    r"name resolution|dns error|failed to lookup|network is unreachable|connection refused"
    r"|error sending request|connection error|failed to establish|timed out"
    r"|no matching distribution",
    re.IGNORECASE,
)


class InstallationFailed(Exception):
    """An installer ended with an error; `output` holds what it said."""

    def __init__(self, output: str) -> None:
        super().__init__("installation failed")
        self.output = output


def say(text: str) -> None:
    sys.stderr.write(f"frontdesk: {text}\n")
    sys.stderr.flush()


def fail(text: str) -> None:
    say(text)
    raise SystemExit(1)


def run_shown(argv: list[str], env: dict[str, str] | None = None) -> None:
    """Run a command and pass its output on; raises InstallationFailed.

    Says every ten quiet seconds that it still works.
    """
    process = subprocess.Popen(
        argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None  # noqa: S101  PIPE was asked for
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    said: list[str] = []
    quiet_seconds = 0
    while True:
        try:
            line = lines.get(timeout=10)
        except queue.Empty:
            quiet_seconds += 10
            say(f"  still working ({quiet_seconds} s) ...")
            continue
        if line is None:
            break
        said.append(line)
        if not EACH_PACKAGE.match(line):
            sys.stderr.write(f"  {line.rstrip()}\n")
    if process.wait() != 0:
        raise InstallationFailed("".join(said))


def runs(python: Path) -> str:
    """Return the interpreter's "3.11.7" when it works, else an empty string."""
    try:
        result = subprocess.run(
            [python, "-I", "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""


def pip_settings(python: Path) -> dict[str, list[str]]:
    """Return what pip is configured with: mirrors, folders, certificate; the strongest source's."""
    result = subprocess.run(
        [python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    found: dict[str, list[str]] = {}
    for section in (":env:", "install", "global"):
        for line in result.stdout.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(f"{section}."):
                key = name.removeprefix(f"{section}.").replace("_", "-")
                found.setdefault(key, value.strip("'\"").replace("\\n", " ").split())
    return found


def uv_arguments(settings: dict[str, list[str]]) -> tuple[list[str], dict[str, str]]:
    """Translate pip's settings into uv's arguments and environment."""
    arguments: list[str] = []
    for pip_name, uv_name in (
        ("index-url", "--index-url"),
        ("extra-index-url", "--extra-index-url"),
        ("find-links", "--find-links"),
        ("trusted-host", "--allow-insecure-host"),
    ):
        for value in settings.get(pip_name, []):
            arguments += [uv_name, value]
    if settings.get("no-index", ["false"])[0].lower() in ("1", "true", "yes", "on"):
        arguments.append("--no-index")
    # pip takes the best candidate of all indexes; the hashes make that safe.
    arguments += ["--index-strategy", "unsafe-best-match"]
    env = dict(os.environ)
    for pip_name, variable in (
        ("cert", "SSL_CERT_FILE"),
        ("proxy", "HTTPS_PROXY"),
        ("timeout", "UV_HTTP_TIMEOUT"),
        ("default-timeout", "UV_HTTP_TIMEOUT"),
    ):
        if settings.get(pip_name):
            env.setdefault(variable, settings[pip_name][0])
    env.pop("VIRTUAL_ENV", None)
    if not is_cache_writable():
        env.setdefault("UV_NO_CACHE", "1")
    return arguments, env


def is_cache_writable() -> bool:
    """Return whether installers can keep downloads; an account without a home has no place."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(cache, os.W_OK)


def create_venv(venv: Path) -> None:
    # Debian packages these parts of the standard library apart.
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        fail(
            f"{sys.executable} has no venv module. Install it (Debian, Ubuntu: apt install "
            f"python{MINOR_VERSION}-venv or python3-venv) or set PYTHON to another Python 3.11 or "
            "later."
        )
    say(f"creating .venv with Python {sys.version.split()[0]} ...")
    run_shown([sys.executable, "-m", "venv", "--clear", str(venv)])


def install(root: Path, kind: str, python: Path) -> None:
    lock = root / LOCKS[kind]
    hashed = ["--require-hashes", "--only-binary", ":all:"]
    pip_install = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "-q"]
    settings = pip_settings(python)
    count = len(re.findall(r"^\S+==", lock.read_text(), re.MULTILINE))
    try:
        run_shown([*pip_install, *hashed, "-r", str(root / "requirements-uv.lock")])
        say(f"installing {count} packages from {lock.name} ...")
        arguments, env = uv_arguments(settings)
        run_shown(
            [
                *(str(python), "-m", "uv", "pip", "sync", "--python", str(python), "--no-progress"),
                *(*hashed, *arguments, str(lock)),
            ],
            env=env,
        )
    except InstallationFailed as error:
        if NO_SPACE.search(error.output):
            raise
        say(f"uv is not usable here; installing {count} packages with pip (about a minute) ...")
        run_shown([*pip_install, *hashed, "--no-compile", "-r", str(lock)])


class Environment:
    """The folder .venv of a project and the stamp that says what is in it."""

    def __init__(self, root: Path, *, chosen_python: str = "") -> None:
        self.root = root
        self.venv = root / ".venv"
        self.python = self.venv / "bin" / "python"
        self._stamp = self.venv / ".lock-hash"
        self._chosen_python = chosen_python

    def serves(self, kind: str) -> bool:
        """Return whether a whole and current installation holds at least this kind."""
        version = runs(self.python)
        if not self._fits(version) or not self._stamp.exists():
            return False
        said = self._stamp.read_text().strip()
        larger = list(LOCKS)[list(LOCKS).index(kind) :]
        return any(said == self._stamp_text(name, version) for name in larger)

    def bring_up(self, kind: str) -> None:
        """Install the kind, or the larger one that is there and only became out of date."""
        is_whole = self._stamp.exists() and self._fits(runs(self.python))
        if is_whole:
            earlier = self._stamp.read_text().split()[:1]
            kinds = [kind, *(name for name, lock in LOCKS.items() if [lock] == earlier)]
            kind = max(kinds, key=list(LOCKS).index)
            self._stamp.unlink()
        self._check_room(kind)
        if not is_whole:
            create_venv(self.venv)
        install(self.root, kind, self.python)
        self._stamp.write_text(self._stamp_text(kind, runs(self.python)) + "\n")

    def _fits(self, version: str) -> bool:
        """Return whether the interpreter works and is of the version PYTHON asks for."""
        return version != "" and (
            not self._chosen_python or version.rpartition(".")[0] == MINOR_VERSION
        )

    def _stamp_text(self, kind: str, version: str) -> str:
        digest = hashlib.sha256((self.root / LOCKS[kind]).read_bytes()).hexdigest()
        return f"{LOCKS[kind]} {digest} {version}"

    def _check_room(self, kind: str) -> None:
        free_mb = shutil.disk_usage(self.root).free // 2**20
        if free_mb < SIZES_MB[kind]:
            fail(
                f"{free_mb} MB are free in {self.root}, but installing needs about "
                f"{SIZES_MB[kind]} MB. Free some space and start again."
            )


def explain(error: InstallationFailed, root: Path) -> str:
    """Return the sentence for what an installer said."""
    if NO_SPACE.search(error.output):
        return f"the disk of {root} is full. Free some space and start again."
    if NO_NETWORK.search(error.output):
        return (
            "a package could not be downloaded. Check the network, or point pip at a reachable "
            "mirror (pip config set global.index-url ADDRESS), and start again."
        )
    return "installing failed; the lines above say why. Start again once that is solved."


def main(root: Path, kind: str) -> None:
    """Leave .venv holding at least this kind, or end with a sentence."""
    environment = Environment(root, chosen_python=os.environ.get("PYTHON", ""))
    if environment.serves(kind):
        return
    try:
        (root / "var").mkdir(exist_ok=True)
        with (root / "var" / "environment.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if environment.serves(kind):  # another command has just installed it
                return
            environment.bring_up(kind)
    except InstallationFailed as error:
        fail(explain(error, root))
    except KeyboardInterrupt:
        fail("interrupted; the next start installs afresh.")
    except PermissionError as error:
        fail(f"cannot write to {error.filename}: use the account that owns {root}.")
    except OSError as error:
        fail(f"installing failed: {error}")
    say("environment ready")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
