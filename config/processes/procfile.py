"""Reads the Procfile: one `name: command` a line, for a shell that knows the environment."""

from pathlib import Path


class ProcfileError(Exception):
    """A line that is neither `name: command`, nor a comment, nor blank."""


def read_procfile(path: Path) -> dict[str, str]:
    """Return the commands by name, in the order of the file. Raises ProcfileError, OSError."""
    commands: dict[str, str] = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, command = line.partition(":")
        if not colon or not name.strip() or not command.strip():
            raise ProcfileError(f"{path.name}, line {number}: expected `name: command`")
        commands[name.strip()] = command.strip()
    return commands


def shell_argv(command: str) -> list[str]:
    """Return the arguments that run a command; `exec`, so that signals reach it, not the shell."""
    return ["/bin/sh", "-c", f"exec {command}"]
