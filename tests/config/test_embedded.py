"""The embedded servers themselves, without the launcher."""

import importlib.util
import os
import shutil
import signal
import subprocess

import psycopg
import pytest

from config.embedded import privileges
from config.embedded import redis as embedded_redis
from config.embedded.errors import ServiceUnavailable
from config.embedded.postgres import Postgres
from config.embedded.services import start_services
from config.processes.output import Terminal
from config.processes.supervisor import Supervisor


@pytest.fixture
def keep_signals():
    """The supervisor takes over the signals of its process; give them back to pytest."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def quiet():
    with open(os.devnull, "w") as nowhere:
        yield Terminal(nowhere)


@pytest.mark.usefixtures("keep_signals")
class TestPostgres:
    def test_keeps_its_data_over_a_restart(self, tmp_path, quiet):
        var = tmp_path / ("a folder " + "x" * 120)

        with Supervisor(terminal=quiet) as supervisor:
            services = start_services(supervisor, var=var, environment={})
            url = services.variables["DATABASE_URL"]
            with psycopg.connect(url) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
            folder = url.partition("host=")[2]
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)

        with Supervisor(terminal=quiet) as supervisor:
            start_services(supervisor, var=var, environment={})
            with psycopg.connect(url) as connection:
                assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
                assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert os.stat(folder).st_mode & 0o777 == 0o700

    def test_stops_a_server_left_over_from_a_crash(self, tmp_path, quiet):
        postgres = Postgres(tmp_path, is_throwaway=True)
        assert postgres.prepare() is True
        program = postgres.program()
        leftover = subprocess.Popen(program.argv, env=program.env, cwd=program.cwd)
        with Supervisor(terminal=quiet) as supervisor:
            assert supervisor.wait_until(postgres.is_ready, timeout_seconds=60)

            assert Postgres(tmp_path, is_throwaway=True).prepare() is False

            assert leftover.wait(timeout=60) == 0

    def test_removes_a_pid_file_that_names_a_stranger(self, tmp_path, quiet):
        postgres = Postgres(tmp_path, is_throwaway=True)
        postgres.prepare()
        stranger = subprocess.Popen(["sleep", "60"])
        (tmp_path / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n")
        try:
            with Supervisor(terminal=quiet) as supervisor:
                start_services(supervisor, var=tmp_path, environment={}, is_throwaway=True)

            assert stranger.poll() is None
        finally:
            stranger.kill()
            stranger.wait()

    def test_refuses_data_of_another_version(self, tmp_path):
        postgres = Postgres(tmp_path, is_throwaway=True)
        (tmp_path / "postgres").mkdir()
        (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")

        with pytest.raises(ServiceUnavailable, match=r"was made by PostgreSQL 9, and this is"):
            postgres.prepare()

    def test_starts_again_after_being_killed(self, tmp_path, quiet):
        with Supervisor(terminal=quiet) as supervisor:
            services = start_services(supervisor, var=tmp_path, environment={}, is_throwaway=True)
            pid_file = tmp_path / "postgres" / "postmaster.pid"
            killed = int(pid_file.read_text().split()[0])

            os.kill(killed, signal.SIGKILL)

            def is_back() -> bool:
                try:
                    with psycopg.connect(services.variables["DATABASE_URL"]):
                        return int(pid_file.read_text().split()[0]) != killed
                except (psycopg.OperationalError, OSError, IndexError):
                    return False

            assert supervisor.wait_until(is_back, timeout_seconds=60)


@pytest.mark.skipif(os.getuid() != 0, reason="only root needs another identity")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
@pytest.mark.usefixtures("keep_signals")
class TestPostgresAsRootWithoutNamespaces:
    @pytest.fixture(autouse=True)
    def _forbid_namespaces(self, monkeypatch):
        monkeypatch.setattr(privileges, "_NAMESPACE", ("false",))

    def test_runs_as_another_account_even_below_a_private_folder(self, tmp_path, quiet):
        tmp_path.chmod(0o700)
        var = tmp_path / "var"
        with Supervisor(terminal=quiet) as supervisor:
            services = start_services(supervisor, var=var, environment={}, is_throwaway=True)
            with psycopg.connect(services.variables["DATABASE_URL"]) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            assert (var / "postgres").stat().st_uid == 65534

    def test_says_what_to_do_where_there_is_no_way(self, tmp_path, monkeypatch):
        monkeypatch.setattr(privileges, "_OTHER_ACCOUNT", ("false",))

        with pytest.raises(ServiceUnavailable, match="PostgreSQL refuses to run as root"):
            Postgres(tmp_path / "var", is_throwaway=True)


@pytest.mark.usefixtures("keep_signals")
class TestStartServices:
    def test_starts_nothing_that_is_given(self, tmp_path, quiet):
        given = {"DATABASE_URL": "postgres://elsewhere/x", "REDIS_URL": "redis://elsewhere"}
        with Supervisor(terminal=quiet) as supervisor:
            services = start_services(
                supervisor, var=tmp_path, environment={**given, "SECRET_KEY": "given"}
            )

        assert sorted(services.variables) == [
            "FIELD_KEYS_FILE",
            "FRONTDESK_VAR",
            "JWT_PRIVATE_KEY_FILE",
        ]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["keys"]

    def test_uses_the_bundled_redis_where_none_is_installed(self, tmp_path, quiet, monkeypatch):
        found = shutil.which
        monkeypatch.setattr(shutil, "which", lambda n: None if n.endswith("-server") else found(n))
        with Supervisor(terminal=quiet) as supervisor:
            services = start_services(
                supervisor, var=tmp_path, environment={"DATABASE_URL": "postgres://elsewhere/x"}
            )

        assert (tmp_path / "redis-6").is_dir()
        assert services.notes == (
            "Redis is the bundled 6.2, for trying out and tests; for lasting use install "
            "redis-server or set REDIS_URL.",
        )

    def test_says_what_to_install_where_there_is_no_redis(self, monkeypatch):
        monkeypatch.setattr(shutil, "which", lambda name: None)
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

        with pytest.raises(
            ServiceUnavailable, match=r"apt install redis-server.* or set REDIS_URL"
        ):
            embedded_redis.find_binary()
