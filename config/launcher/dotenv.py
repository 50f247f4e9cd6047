"""Reads `.env`: `NAME=value` lines. What the environment already holds wins."""

from collections.abc import Mapping
from pathlib import Path

from config.launcher.errors import CannotStart


def read_dotenv(path: Path) -> dict[str, str]:
    """Return the variables of the file; nothing when there is none. Raises CannotStart."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    variables: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier():
            raise CannotStart(f"{path}, line {number}: expected NAME=value")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        variables[name.strip()] = value
    return variables


def with_dotenv(environment: Mapping[str, str], path: Path) -> dict[str, str]:
    """Return the environment, completed by the file. Raises CannotStart."""
    return {**read_dotenv(path), **environment}
