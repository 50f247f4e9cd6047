"""Starts programs as sessions of their own, restarts what ends, stops all in order.

Single-threaded on purpose: the kernel ties a child's death signal to the thread that started it.
A guard process outlives a killed supervisor and stops what it left.
"""

import contextlib
import io
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from config.processes import guard
from config.processes.output import Terminal
from config.processes.parent_death import on_parent_death
from config.processes.program import Program, Tier

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0
_STABLE_SECONDS = 30.0
_POLL_SECONDS = 0.2


class Stopped(Exception):
    """The user or the system asked to stop."""


@dataclass(slots=True)
class _Running:
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    restarts: bool


class Supervisor:
    """Runs programs until it is told to stop; a context manager that stops them on leaving.

    `lock_fd` is handed to the guard, which keeps that lock until everything has ended.
    """

    def __init__(self, *, terminal: Terminal, lock_fd: int | None = None) -> None:
        self.terminal = terminal
        self._lock_fd = lock_fd
        self._running: dict[str, _Running] = {}
        self._due: dict[str, tuple[float, Program]] = {}
        self._pauses: dict[str, float] = {}
        self._selector = selectors.DefaultSelector()
        self._signals_seen = 0
        self.first_signal: int | None = None

    def __enter__(self) -> Self:
        pass_fds = () if self._lock_fd is None else (self._lock_fd,)
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=pass_fds,
            cwd="/",
        )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop_all()
        self._tell_guard("done")
        if self._guard.stdin is not None:
            with contextlib.suppress(OSError):
                self._guard.stdin.close()
        self._guard.wait()

    @property
    def is_stop_requested(self) -> bool:
        """Whether a signal arrived, or nobody reads the output any more."""
        return self._signals_seen > 0 or self.terminal.is_closed

    def start(self, program: Program, *, restarts: bool = True) -> None:
        """Start a program in a session of its own; `restarts`: again whenever it ends."""
        with contextlib.ExitStack() as files:
            output: int | io.BufferedWriter = subprocess.PIPE
            if program.log_path is not None:
                program.log_path.parent.mkdir(parents=True, exist_ok=True)
                output = files.enter_context(program.log_path.open("ab"))
            process = subprocess.Popen(
                program.argv,
                env=dict(program.env),
                cwd=program.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=on_parent_death(program.stop_signal),  # noqa: PLW1509  single-threaded
            )
        self._tell_guard(
            f"add {program.tier.value} {program.stop_signal.value}"
            f" {program.grace_seconds} {process.pid}"
        )
        self._running[program.name] = _Running(program, process, time.monotonic(), restarts)
        if process.stdout is not None:
            os.set_blocking(process.stdout.fileno(), False)
            self._selector.register(process.stdout, selectors.EVENT_READ, program.name)

    def run_to_end(self, program: Program) -> int:
        """Run a program once, beside the others, and return its exit code. Raises Stopped."""
        self.start(program, restarts=False)
        running = self._running[program.name]
        self.wait_until(lambda: program.name not in self._running)
        return running.process.returncode

    def capture(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> str:
        """Run a short command and return what it printed; empty if it failed. Raises Stopped."""
        process = subprocess.Popen(
            argv,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=on_parent_death(signal.SIGKILL),  # noqa: PLW1509  single-threaded
        )
        try:
            self.wait_until(lambda: process.poll() is not None)
        except Stopped:
            process.kill()
            raise
        assert process.stdout is not None  # noqa: S101  PIPE was asked for
        said = process.stdout.read().decode(errors="replace")
        return said if process.returncode == 0 else ""

    def wait_until(
        self, is_done: Callable[[], bool], *, timeout_seconds: float | None = None
    ) -> bool:
        """Serve until `is_done()`; False when the time is over first. Raises Stopped."""
        deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        while not is_done():
            if self.is_stop_requested:
                raise Stopped
            if deadline is not None and time.monotonic() > deadline:
                return False
            self.poll()
        return True

    def run_forever(self) -> None:
        """Serve the programs until a signal arrives."""
        with contextlib.suppress(Stopped):
            self.wait_until(lambda: False)

    def poll(self, timeout_seconds: float = _POLL_SECONDS) -> None:
        """Pass output on, notice what ended, start again what is due."""
        self._read_output(timeout_seconds)
        for name, running in list(self._running.items()):
            code = running.process.poll()
            if code is None:
                continue
            self._forget(name, running)
            if running.restarts and not self.is_stop_requested:
                self._plan_restart(running, code)
        now = time.monotonic()
        for name, (due, program) in list(self._due.items()):
            if due <= now:
                del self._due[name]
                self.start(program)

    def stop_all(self) -> None:
        """Stop everything, tier by tier; a second signal meanwhile kills at once."""
        self._due.clear()
        for tier in Tier:
            members = [r for r in self._running.values() if r.program.tier is tier]
            for running in members:
                with contextlib.suppress(ProcessLookupError):
                    running.process.send_signal(running.program.stop_signal)
            limit = max((r.program.grace_seconds for r in members), default=0.0)
            deadline = time.monotonic() + limit
            while any(r.process.poll() is None for r in members):
                if time.monotonic() > deadline or self._signals_seen > 1:
                    break
                self._read_output(0.05)
            for running in members:
                if running.process.poll() is None:
                    self.terminal.say(f"{running.program.name} does not stop by itself; killing it")
                self._kill_group(running)
                running.process.wait()
                self._forget(running.program.name, running)

    def _note_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals_seen += 1
        self.first_signal = self.first_signal or number

    def _plan_restart(self, running: _Running, code: int) -> None:
        name = running.program.name
        lived = time.monotonic() - running.started
        pause = _FIRST_PAUSE_SECONDS
        if lived < _STABLE_SECONDS and name in self._pauses:
            pause = min(self._pauses[name] * 2, _LONGEST_PAUSE_SECONDS)
        self._pauses[name] = pause
        how = f"signal {-code}" if code < 0 else f"code {code}"
        self.terminal.say(f"{name} ended ({how}); starting it again in {pause:g} s")
        self._due[name] = (time.monotonic() + pause, running.program)

    def _forget(self, name: str, running: _Running) -> None:
        # What the program itself left in its group would hold its port or its files.
        self._kill_group(running)
        self._running.pop(name, None)
        self._tell_guard(f"del {running.process.pid}")
        if (stream := running.process.stdout) is not None:
            self._drain(name, stream)
            with contextlib.suppress(KeyError):
                self._selector.unregister(stream)
            stream.close()
            self.terminal.finish(name)

    def _kill_group(self, running: _Running) -> None:
        with contextlib.suppress(OSError):
            os.killpg(running.process.pid, signal.SIGKILL)

    def _read_output(self, timeout_seconds: float) -> None:
        if not self._selector.get_map():
            time.sleep(timeout_seconds)
            return
        for key, _ in self._selector.select(timeout_seconds):
            stream = key.fileobj
            assert isinstance(stream, io.BufferedReader)  # noqa: S101  only pipes are registered
            if not self._drain(key.data, stream):
                self._selector.unregister(stream)

    def _drain(self, name: str, stream: io.BufferedReader | object) -> bool:
        """Pass on what is there; False once the other end is closed."""
        assert isinstance(stream, io.BufferedReader)  # noqa: S101  only pipes are registered
        while True:
            try:
                data = os.read(stream.fileno(), 65536)
            except BlockingIOError:
                return True
            if not data:
                return False
            self.terminal.feed(name, data)

    def _tell_guard(self, line: str) -> None:
        if self._guard.stdin is not None:
            with contextlib.suppress(OSError):
                self._guard.stdin.write(f"{line}\n".encode())
                self._guard.stdin.flush()
