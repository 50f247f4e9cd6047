"""python -m config.embedded exec: one command with services around it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.launched import REPOSITORY


def run_exec(var: Path, *command: str, folder: str = "x") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "config.embedded", "exec", "--throwaway"),
            *("--folder", folder, "--", *command),
        ],
        env={"PATH": "/usr/bin:/bin", "FRONTDESK_VAR": str(var)},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class TestExec:
    def test_hands_addresses_to_the_command_and_its_exit_code_back(self, tmp_path):
        program = (
            "import os, sys, psycopg, redis\n"
            "psycopg.connect(os.environ['DATABASE_URL']).close()\n"
            "connection = redis.Redis.from_url(os.environ['REDIS_URL'])\n"
            "connection.ping(); connection.close()\n"
            "print(os.environ['FRONTDESK_VAR']); sys.exit(7)"
        )

        result = run_exec(tmp_path, sys.executable, "-c", program)

        assert result.returncode == 7
        assert result.stdout == f"{tmp_path / 'x'}\n"
        assert not (tmp_path / "x" / "postgres" / "postmaster.pid").exists()

    def test_refuses_a_folder_in_use(self, tmp_path):
        inner = f"{sys.executable} -m config.embedded exec --folder x -- true"

        result = run_exec(
            tmp_path, "env", f"FRONTDESK_VAR={tmp_path}", "sh", "-c", inner, folder="x"
        )

        assert result.returncode == 1
        assert f"{tmp_path / 'x'} is in use by process" in result.stderr

    @pytest.mark.parametrize("words", [["exec"], ["exec", "--"]])
    def test_asks_for_a_command(self, words):
        result = subprocess.run(
            [sys.executable, "-m", "config.embedded", *words],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )

        assert result.returncode == 2
        assert "a command is missing" in result.stderr
