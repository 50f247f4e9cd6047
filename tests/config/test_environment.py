"""The installer behind the commands, and the shell around it."""

import importlib.util
import os
import subprocess
from collections import namedtuple

import pytest

from tests.config.launched import REPOSITORY

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def installer():
    spec = importlib.util.spec_from_file_location(
        "frontdesk_environment", REPOSITORY / "bin" / "_environment.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def environment(installer, tmp_path, monkeypatch):
    """A project whose installation only notes what it would install."""
    for lock in installer.LOCKS.values():
        (tmp_path / lock).write_text(f"{lock}==1\n")
    environment = installer.Environment(tmp_path)
    environment.done = []

    def create(venv):
        venv.mkdir(exist_ok=True)
        environment.done.append("create")

    monkeypatch.setattr(installer, "runs", lambda python: "3.11.7")
    monkeypatch.setattr(installer, "create_venv", create)
    monkeypatch.setattr(
        installer, "install", lambda root, kind, python: environment.done.append(kind)
    )
    return environment


class TestEnvironment:
    def test_installs_once(self, environment):
        assert environment.serves("run") is False

        environment.bring_up("run")

        assert environment.done == ["create", "run"]
        assert environment.serves("run") is True
        assert environment.serves("dev") is False

    def test_accepts_a_larger_set_for_a_smaller_one(self, environment):
        environment.bring_up("browser")

        assert [environment.serves(kind) for kind in ("run", "dev", "browser")] == [True] * 3

    def test_brings_a_larger_set_up_to_date_instead_of_removing_it(self, environment):
        environment.bring_up("dev")
        (environment.root / "requirements-dev.lock").write_text("changed==2\n")
        assert environment.serves("run") is False

        environment.bring_up("run")

        assert environment.done == ["create", "dev", "dev"]
        assert environment.serves("dev") is True

    def test_begins_a_broken_installation_again(self, environment, installer, monkeypatch):
        environment.bring_up("run")
        (environment.root / "requirements.lock").write_text("changed==2\n")

        def fail(root, kind, python):
            raise installer.InstallationFailed("half done")

        with monkeypatch.context() as broken:
            broken.setattr(installer, "install", fail)
            with pytest.raises(installer.InstallationFailed):
                environment.bring_up("run")
        assert environment.serves("run") is False
        environment.bring_up("run")

        assert environment.done == ["create", "run", "create", "run"]

    def test_refuses_a_full_disk_before_it_touches_anything(
        self, environment, installer, monkeypatch, capsys
    ):
        monkeypatch.setattr(installer.shutil, "disk_usage", lambda path: Usage(1, 1, 12 * 2**20))

        with pytest.raises(SystemExit):
            environment.bring_up("run")

        assert environment.done == []
        assert "12 MB are free" in capsys.readouterr().err

    def test_names_the_package_of_a_missing_venv_module(
        self, installer, monkeypatch, capsys, tmp_path
    ):
        monkeypatch.setattr(installer.importlib.util, "find_spec", lambda name: None)

        with pytest.raises(SystemExit):
            installer.create_venv(tmp_path / ".venv")

        assert "-venv or python3-venv) or set PYTHON" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ("OSError: [Errno 28] No space left on device", "is full. Free some space"),
            ("error sending request for url", "Check the network"),
            ("Temporary failure in name resolution", "Check the network"),
            ("hash mismatch", "the lines above say why"),
        ],
    )
    def test_explains_what_an_installer_said(self, installer, tmp_path, said, sentence):
        assert sentence in installer.explain(installer.InstallationFailed(said), tmp_path)


class TestUvArguments:
    def test_takes_over_what_pip_is_configured_with(self, installer):
        arguments, env = installer.uv_arguments(
            {
                "index-url": ["https://mirror.test/simple"],
                "extra-index-url": ["https://a.test", "https://b.test"],
                "find-links": ["/wheels"],
                "trusted-host": ["mirror.test"],
                "cert": ["/ca.pem"],
                "no-index": ["true"],
            }
        )

        assert arguments == [
            *("--index-url", "https://mirror.test/simple"),
            *("--extra-index-url", "https://a.test", "--extra-index-url", "https://b.test"),
            *("--find-links", "/wheels", "--allow-insecure-host", "mirror.test"),
            *("--no-index", "--index-strategy", "unsafe-best-match"),
        ]
        assert env["SSL_CERT_FILE"] == os.environ.get("SSL_CERT_FILE", "/ca.pem")


class TestCommands:
    def test_find_the_project_through_a_link_and_from_any_folder(self, tmp_path):
        link = tmp_path / "a link"
        link.symlink_to(REPOSITORY / "bin" / "run")

        result = subprocess.run(
            [str(link), "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
        )

        assert result.returncode == 0
        assert result.stdout.startswith("usage: bin/run")

    def test_name_a_python_that_does_not_work(self, tmp_path):
        result = subprocess.run(
            [str(REPOSITORY / "bin" / "run")],
            env={"PATH": "/usr/bin:/bin", "PYTHON": "/nowhere/python"},
            capture_output=True,
            text=True,
            check=False,
        )

        assert result.returncode == 1
        assert result.stderr == (
            "frontdesk: PYTHON=/nowhere/python is not a Python 3.11 or later that runs.\n"
        )

    def test_say_what_to_install_where_there_is_no_python(self, tmp_path):
        for name in ("sh", "dirname", "readlink"):
            (tmp_path / name).symlink_to(f"/usr/bin/{name}")

        result = subprocess.run(
            ["/bin/sh", str(REPOSITORY / "bin" / "run")],
            env={"PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert result.returncode == 1
        assert "apt install python3 python3-venv" in result.stderr
