"""Runs one command with the services it needs, then stops them and passes its exit code on.

Usage: python -m config.embedded exec [--throwaway] [--folder NAME] -- COMMAND...
"""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from config.embedded.errors import ServiceUnavailable
from config.embedded.services import local_folder, start_services
from config.processes.output import Terminal
from config.processes.parent_death import on_parent_death
from config.processes.single import AlreadyRunning, acquire_lock
from config.processes.supervisor import Stopped, Supervisor


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, run the command, return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    split = words.index("--") if "--" in words else len(words)
    command = words[split + 1 :]
    parser = argparse.ArgumentParser(
        prog="python -m config.embedded", usage="%(prog)s exec [options] -- COMMAND..."
    )
    parser.add_argument("verb", choices=["exec"])
    parser.add_argument("--throwaway", action="store_true", help="fast servers that may lose data")
    parser.add_argument("--folder", default="", help="folder below var/ for this run's data")
    parser.add_argument("--join", action="store_true", help="use the services of a running copy")
    options = parser.parse_args(words[:split])
    if not command:
        parser.error("a command is missing")
    var = local_folder(os.environ) / options.folder
    terminal = Terminal(sys.stderr)
    try:
        with (
            acquire_lock(var / "run.lock") as lock,
            Supervisor(terminal=terminal, lock_fd=lock.fileno()) as supervisor,
        ):
            services = start_services(supervisor, var=var, is_throwaway=options.throwaway)
            return _run(supervisor, command, {**os.environ, **services.variables})
    except AlreadyRunning as error:
        if options.join and error.variables:
            joined = subprocess.run(command, env={**os.environ, **error.variables}, check=False)
            return joined.returncode if joined.returncode >= 0 else 128 - joined.returncode
        holder = f"process {error.pid}" if error.pid else "another process"
        terminal.say(f"{var} is in use by {holder}; wait for it to end, or stop it.")
    except (ServiceUnavailable, OSError) as error:
        terminal.say(str(error))
    except Stopped:
        return 128 + signal.SIGTERM
    return 1


def _run(supervisor: Supervisor, command: list[str], env: dict[str, str]) -> int:
    """Run the command in the foreground; the terminal's Ctrl-C reaches it by itself."""
    child = subprocess.Popen(
        command,
        env=env,
        preexec_fn=on_parent_death(signal.SIGTERM),  # noqa: PLW1509  single-threaded
    )
    try:
        supervisor.wait_until(lambda: child.poll() is not None)
    except Stopped:
        if supervisor.first_signal != signal.SIGINT:
            child.terminate()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    sys.exit(main())
