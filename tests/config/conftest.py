"""A stand-in project in a folder with a space, and launchers that are always ended."""

import pytest

from tests.config.launched import Launched, make_project
from tests.ports import free_ports


@pytest.fixture
def project(tmp_path):
    """The folder's unusual name is also how its processes are found."""
    return make_project(tmp_path / "my project")


@pytest.fixture
def launch(project):
    """Return a function that starts the launcher; what it started ends with the test."""
    started = []

    def start(**options) -> Launched:
        options.setdefault("port", free_ports(2))
        options.setdefault("var", project / "var")
        launched = Launched(options.pop("project", project), **options)
        started.append(launched)
        return launched

    yield start
    for launched in started:
        launched.close()
