"""The example file, the registry and what the code reads are the same list."""

import re

from config.env import VARIABLES
from tests.config.launched import REPOSITORY


class TestEnvExample:
    def test_lists_the_registry_with_its_words(self):
        lines = (REPOSITORY / ".env.example").read_text().splitlines()
        listed = {
            match[1]: lines[number - 1].removeprefix("# ")
            for number, line in enumerate(lines)
            if (match := re.match(r"#? ?([A-Z_]+)=", line))
        }

        assert listed == VARIABLES


class TestRegistry:
    def test_knows_every_variable_the_settings_read(self):
        reads = re.compile(
            r"env\.(?:text|items|integer|share|choice|database|flag)\(\s*\"([A-Z_]+)\""
        )
        read = {
            name
            for path in (REPOSITORY / "config" / "settings").glob("*.py")
            for name in reads.findall(path.read_text())
        }

        assert read - VARIABLES.keys() == set()

    def test_knows_every_variable_of_the_procfile(self):
        used = set(re.findall(r"\$\{?([A-Z_]+)", (REPOSITORY / "Procfile").read_text()))

        assert used - VARIABLES.keys() == set()

    def test_only_the_registry_and_the_launcher_read_the_environment(self):
        reading = re.compile(
            r"os\.environ\b(?!\.setdefault\(\"DJANGO_SETTINGS_MODULE\")|os\.getenv"
        )
        allowed = re.compile(
            r"^(?:bin|tests|bench|var|\.venv)/|^config/(?:env|run)\.py$"
            r"|^config/(?:embedded|launcher|processes)/"
        )
        found = [
            name
            for path in sorted(REPOSITORY.glob("**/*.py"))
            if not allowed.match(name := path.relative_to(REPOSITORY).as_posix())
            and reading.search(path.read_text())
        ]

        assert found == []
