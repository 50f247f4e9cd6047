"""Starts the whole product on one machine and keeps it running until Ctrl-C or SIGTERM.

`bin/run` calls this inside the installed environment. Its process list is the Procfile's.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from config.embedded.errors import ServiceUnavailable
from config.embedded.services import PROJECT, local_folder, start_services
from config.launcher.address import Address
from config.launcher.checks import check_folder, check_given_services
from config.launcher.dotenv import with_dotenv
from config.launcher.errors import CannotStart
from config.launcher.preparation import Preparation
from config.processes.output import Terminal
from config.processes.procfile import ProcfileError, read_procfile, shell_argv
from config.processes.program import Program
from config.processes.single import AlreadyRunning, acquire_lock, write_holder
from config.processes.supervisor import Stopped, Supervisor

_ANSWER_SECONDS = 60.0
_FIRST = "web"
_NOT_SERVED = ("release",)


def main(*, project: Path = PROJECT) -> int:
    """Run until told to stop; returns the exit code.

    `project` is the folder with Procfile, manage.py and .env.
    """
    terminal = Terminal()
    var = local_folder(os.environ)
    try:
        environment = with_dotenv(os.environ, project / ".env")
        address = Address.from_environment(environment)
        var = local_folder(environment)
        check_folder(var)
        with acquire_lock(var / "run.lock") as lock:
            address.check_free()
            check_given_services(environment)
            write_holder(lock, address=address.site_url)
            with Supervisor(terminal=terminal, lock_fd=lock.fileno()) as supervisor:
                _serve(supervisor, project, lock, var=var, address=address, given=environment)
                terminal.say("stopping ...")
            terminal.say(f"stopped; the data stays in {var}")
    except AlreadyRunning as error:
        terminal.say(_already_running(error, var))
    except (CannotStart, ServiceUnavailable, ProcfileError) as error:
        terminal.say(str(error))
    except OSError as error:
        terminal.say(f"cannot start: {error}")
    else:
        return 0
    return 1


def _serve(
    supervisor: Supervisor,
    project: Path,
    lock: TextIO,
    *,
    var: Path,
    address: Address,
    given: Mapping[str, str],
) -> None:
    """Start services, prepare the database, start the processes, greet, and stay."""
    try:
        services = start_services(supervisor, var=var, environment=given)
        env = _process_environment(address, given, services.variables)
        is_demo = env["DJANGO_SETTINGS_MODULE"] != "config.settings.production"
        Preparation(project=project, var=var, environment=env).run(supervisor, with_demo=is_demo)
        urls = {name: env[name] for name in ("SITE_URL", "REALTIME_URL")}
        write_holder(lock, address=address.site_url, variables={**services.variables, **urls})
        programs = _programs(project, env)
        # The first page waits for this one: started together all would share the cores.
        supervisor.start(programs.pop(_FIRST))
        sign_ins = _sign_ins(supervisor, project, env) if is_demo else ""
        if not supervisor.wait_until(address.answers, timeout_seconds=_ANSWER_SECONDS):
            raise CannotStart("the site does not answer; the lines above say why.")
        for program in programs.values():
            supervisor.start(program)
        _greet(supervisor.terminal, address, services.notes, sign_ins)
        supervisor.run_forever()
    except Stopped:
        return


def _process_environment(
    address: Address, environment: Mapping[str, str], services: Mapping[str, str]
) -> dict[str, str]:
    defaults = {
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "SITE_URL": address.site_url,
        "REALTIME_URL": address.realtime_url,
        "LOG_FORMAT": "text",
        "PYTHONUNBUFFERED": "1",
        # Under root the workers would repeat this at each start; here they meet nobody outside.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
    }
    fixed = {
        "HOST": address.host,
        "PORT": str(address.port),
        "REALTIME_PORT": str(address.realtime_port),
    }
    return {**defaults, **environment, **services, **fixed}


def _programs(project: Path, env: Mapping[str, str]) -> dict[str, Program]:
    """Return the Procfile's processes. Raises ProcfileError, OSError."""
    programs = {
        name: Program(name=name, argv=shell_argv(command), env=env, cwd=project)
        for name, command in read_procfile(project / "Procfile").items()
        if name not in _NOT_SERVED
    }
    if _FIRST not in programs:
        raise ProcfileError(f"the Procfile has no process named {_FIRST}")
    return programs


def _sign_ins(supervisor: Supervisor, project: Path, env: Mapping[str, str]) -> str:
    """Return what the demo's people sign in with, a current second-factor code included."""
    return supervisor.capture(
        [sys.executable, "manage.py", "demo_signins"],
        env={**env, "PROCESS_TYPE": "release"},
        cwd=project,
    )


def _greet(terminal: Terminal, address: Address, notes: tuple[str, ...], sign_ins: str) -> None:
    terminal.plain("")
    terminal.plain(f"  Frontdesk is running: {address.site_url}/")
    if sign_ins.strip():
        terminal.plain("")
        for line in sign_ins.rstrip().splitlines():
            terminal.plain(f"  {line}")
    terminal.plain("")
    for note in notes:
        terminal.plain(f"  {note}")
    terminal.plain("  Stop with Ctrl-C; the next start continues where this one ended.")
    terminal.plain("")


def _already_running(error: AlreadyRunning, var: Path) -> str:
    if error.pid is None:
        return f"another copy uses {var}; stop it, or set FRONTDESK_VAR and PORT for a second one."
    where = f" at {error.address}" if error.address else ""
    return (
        f"already running{where} (process {error.pid}). Open that address, or stop it with: "
        f"kill {error.pid}"
    )


if __name__ == "__main__":
    argparse.ArgumentParser(
        prog="bin/run",
        description="Starts Frontdesk on this machine. Settings are environment variables or lines "
        "of .env: HOST, PORT, DATABASE_URL, REDIS_URL and those of .env.example.",
    ).parse_args()
    sys.exit(main())
