"""The services a run needs: those given by the environment, and our own for the rest."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import ServiceUnavailable
from config.embedded.keys import key_files
from config.embedded.postgres import Postgres
from config.embedded.redis import Redis
from config.processes.supervisor import Supervisor

_READY_SECONDS = 60.0
PROJECT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Services:
    """What was started, and the variables that lead to it."""

    variables: Mapping[str, str]
    notes: tuple[str, ...]


def local_folder(environment: Mapping[str, str]) -> Path:
    """Return the absolute folder for local data: FRONTDESK_VAR, else `var` in the project."""
    return Path(environment.get("FRONTDESK_VAR") or PROJECT / "var").absolute()


def start_services(
    supervisor: Supervisor,
    *,
    var: Path,
    environment: Mapping[str, str] | None = None,
    is_throwaway: bool = False,
) -> Services:
    """Start PostgreSQL and Redis where the environment names none, and wait until they answer.

    Secrets the environment does not give come from `var/keys`. Raises ServiceUnavailable, and
    Stopped when a signal arrives meanwhile.
    """
    environment = os.environ if environment is None else environment
    notes: list[str] = []
    variables = {"FRONTDESK_VAR": str(var)} | {
        name: path
        for name, path in key_files(var).items()
        if not environment.get(name) and not environment.get(name.removesuffix("_FILE"))
    }
    if not environment.get("DATABASE_URL"):
        postgres = Postgres(var, is_throwaway=is_throwaway)
        if postgres.prepare():
            supervisor.terminal.say("made a new PostgreSQL data folder")
        _serve(supervisor, postgres)
        postgres.create_database()
        variables["DATABASE_URL"] = postgres.url
    if not environment.get("REDIS_URL"):
        redis = Redis(var, is_throwaway=is_throwaway)
        redis.prepare()
        _serve(supervisor, redis)
        variables["REDIS_URL"] = redis.url
        if redis.is_for_trying_out:
            notes.append(
                "Redis is the bundled 6.2, for trying out and tests; for lasting use install "
                "redis-server or set REDIS_URL."
            )
    return Services(variables=variables, notes=tuple(notes))


def _serve(supervisor: Supervisor, server: Postgres | Redis) -> None:
    program = server.program()
    supervisor.start(program)
    if not supervisor.wait_until(server.is_ready, timeout_seconds=_READY_SECONDS):
        raise ServiceUnavailable(f"{program.name} does not answer:\n{server.why_not_ready()}")
