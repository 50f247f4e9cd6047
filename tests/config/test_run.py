"""bin/run's launcher from the outside: what people type, read and press."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from tests.config.launched import (
    REPOSITORY,
    make_project,
    processes_mentioning,
    wait_for_no_process,
    wait_for_processes,
)
from tests.ports import free_port, free_ports

STOP_SECONDS = 10.0


class TestRun:
    def test_starts_greets_stops_and_continues_with_its_data(self, launch, project):
        first = launch()
        first.wait_until_running()

        assert first.get() == "ok"
        assert f"Frontdesk is running: http://127.0.0.1:{first.port}/" in first.output
        assert "owner@example.test  demo-password" in first.output
        assert "migrate     | manage migrate" in first.lines
        assert "seed        | manage seed_demo" in first.lines
        assert "web         | serving" in first.lines

        code, seconds = first.stop()

        assert code == 0
        assert seconds <= STOP_SECONDS
        assert processes_mentioning(str(project)) == {}
        assert f"stopped; the data stays in {project / 'var'}" in first.output

        again = launch(port=first.port)
        again.wait_until_running()

        assert "manage migrate" not in again.output
        assert "manage seed_demo" not in again.output

    def test_ends_what_refuses_to_stop_within_ten_seconds_of_ctrl_c(self, launch, project):
        launched = launch(project=make_project(project / "stubborn", is_stubborn=True))
        launched.wait_until_running()
        wait_for_processes(f"{project}/stubborn/stubborn.py", count=2)

        code, seconds = launched.stop(signal.SIGINT)

        assert code == 0
        assert seconds <= STOP_SECONDS
        # Killed is not yet gone: the system takes a moment to clear a process away.
        assert wait_for_no_process(str(project), seconds=STOP_SECONDS) == {}

    def test_leaves_nothing_running_when_killed_and_starts_again_at_once(self, launch, project):
        killed = launch()
        killed.wait_until_running()

        killed.process.kill()
        killed.process.wait()
        successor = launch(port=killed.port)
        successor.wait_until_running()
        successor.stop()

        assert wait_for_no_process(str(project), seconds=STOP_SECONDS) == {}

    def test_ends_every_process_within_ten_seconds_when_killed(self, launch, project):
        launched = launch(project=make_project(project / "stubborn", is_stubborn=True))
        launched.wait_until_running()
        # The worker ignores SIGTERM and forked a child: only the guard can end the two.
        wait_for_processes(f"{project}/stubborn/stubborn.py", count=2)

        launched.process.kill()
        launched.process.wait()

        assert wait_for_no_process(str(project), seconds=STOP_SECONDS) == {}

    def test_restarts_a_process_that_ended(self, launch, project):
        launched = launch()
        launched.wait_until_running()
        [web] = processes_mentioning(f"{project}/fake_web.py {launched.port}")

        os.kill(web, signal.SIGKILL)
        launched.wait_for("web ended (signal 9); starting it again in 0.5 s")
        launched.wait_for("web         | serving", times=2)

    def test_lets_a_command_join_its_services(self, launch, project):
        launched = launch()
        launched.wait_until_running()

        program = "import os; print(os.environ['DATABASE_URL'], os.environ['SITE_URL'])"
        joined = subprocess.run(
            [
                *(sys.executable, "-m", "config.embedded", "exec", "--join", "--"),
                *(sys.executable, "-c", program),
            ],
            env={"PATH": os.environ["PATH"], "FRONTDESK_VAR": str(project / "var")},
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        )

        database, site = joined.stdout.split()
        assert database.startswith("postgres://app@/frontdesk?host=/")
        assert site == f"http://127.0.0.1:{launched.port}"

    def test_says_who_is_running_to_a_second_copy(self, launch):
        first = launch()
        first.wait_until_running()

        second = launch(port=free_ports(2))

        assert second.process.wait(timeout=90) == 1
        second.wait_for(
            f"already running at http://127.0.0.1:{first.port} (process {first.process.pid}). "
            f"Open that address, or stop it with: kill {first.process.pid}"
        )

    @pytest.mark.parametrize("name", ["PORT", "REALTIME_PORT"])
    def test_says_what_to_do_about_a_busy_port(self, launch, name):
        with socket.socket() as busy:
            busy.bind(("127.0.0.1", free_port()))
            busy.listen()
            taken = busy.getsockname()[1]
            port = taken if name == "PORT" else free_port()

            launched = launch(port=port, REALTIME_PORT=str(taken if name != "PORT" else taken + 1))

            assert launched.process.wait(timeout=90) == 1
        launched.wait_for(
            f"port {taken} on 127.0.0.1 is in use by another program. Stop that program, or choose "
            f"another port: {name}={taken + 10} bin/run"
        )

    def test_names_a_port_that_is_no_number(self, launch):
        launched = launch(port=8000, PORT="http")

        assert launched.process.wait(timeout=90) == 1
        launched.wait_for("PORT must be a number from 1 to 65535, not 'http'.")

    def test_says_when_the_given_database_does_not_answer(self, launch):
        launched = launch(DATABASE_URL="postgres://nobody@127.0.0.1:1/none")

        assert launched.process.wait(timeout=90) == 1
        launched.wait_for("DATABASE_URL does not lead to a usable database")
        launched.wait_for("unset it to use the built-in PostgreSQL.")

    def test_says_when_preparing_failed(self, launch, project):
        (project / "manage.py").write_text("raise SystemExit('no such column')")
        launched = launch()

        assert launched.process.wait(timeout=90) == 1
        launched.wait_for("migrate     | no such column")
        launched.wait_for("`manage.py migrate` failed; the lines above say why.")

    def test_makes_secrets_only_the_owner_can_read(self, launch, project):
        launched = launch()
        launched.wait_for("preparing the database")
        launched.stop()

        keys = project / "var" / "keys"
        assert sorted(path.name for path in keys.iterdir()) == [
            "field_keys",
            "jwt_private_key.pem",
            "secret_key",
        ]
        assert {path.stat().st_mode & 0o777 for path in keys.iterdir()} == {0o600}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another account")
class TestRunAsAnOrdinaryAccount:
    def test_starts_and_stops(self, launch, tmp_path_factory):
        become, python = _ordinary_account()
        folder = tmp_path_factory.mktemp("nobody")
        for parent in (folder, *folder.parents[:2]):
            parent.chmod(0o755)
        project = make_project(folder / "project", python=python)
        if become[0] == "setpriv":
            os.chown(project, 65534, 65534)

        launched = launch(
            project=project,
            var=project / "var",
            prefix=become,
            python=python,
            HOME="/nonexistent",
        )
        launched.wait_until_running()

        assert launched.get() == "ok"
        assert launched.stop()[0] == 0
        assert processes_mentioning(str(project)) == {}


def _ordinary_account() -> tuple[tuple[str, ...], str]:
    """Return how to run as an account that is not root, and an interpreter that works there.

    Within a user namespace root's own files stay reachable, so there this one's does.
    """
    ways = (
        ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
        ("unshare", "-U", "--map-user=65534", "--map-group=65534"),
    )
    for way in ways:
        probe = subprocess.run(
            [*way, sys.executable, "-c", "import os, config.run; assert os.getuid() == 65534"],
            env={"PYTHONPATH": os.pathsep.join([str(REPOSITORY), *sys.path[1:]])},
            capture_output=True,
            check=False,
        )
        if probe.returncode == 0:
            return way, sys.executable
    pytest.skip("this system lets root become no other account that reaches the interpreter")
