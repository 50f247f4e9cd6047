"""The terminal: every line carries the name of the process it came from."""

import os
import sys
from typing import Final, TextIO

_COLOURS: Final = (36, 35, 32, 33, 34, 96, 95, 92)
_LONGEST_LINE: Final = 64 * 1024


class Terminal:
    """Writes prefixed lines; coloured only on a terminal and when NO_COLOR is unset."""

    def __init__(self, stream: TextIO | None = None, *, width: int = 11) -> None:
        self._stream = stream or sys.stdout
        self._width = width
        self._is_coloured = self._stream.isatty() and "NO_COLOR" not in os.environ
        self._names: list[str] = []
        self._partial: dict[str, bytes] = {}
        self.is_closed = False

    def say(self, text: str, *, name: str = "frontdesk") -> None:
        """Write one or more lines under a name."""
        for line in text.splitlines() or [""]:
            self._write(name, line)

    def plain(self, text: str) -> None:
        """Write text without a prefix, as for a block that people read or copy."""
        self._emit(text + "\n")

    def feed(self, name: str, data: bytes) -> None:
        """Take raw output of a process and write its whole lines."""
        *lines, rest = (self._partial.get(name, b"") + data).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            lines, rest = [*lines, rest], b""
        self._partial[name] = rest
        for line in lines:
            self._write(name, line.decode(errors="replace").rstrip("\r"))

    def finish(self, name: str) -> None:
        """Write what a process left without a line end."""
        if rest := self._partial.pop(name, b""):
            self._write(name, rest.decode(errors="replace"))

    def _write(self, name: str, line: str) -> None:
        prefix = f"{name:<{self._width}} |"
        if self._is_coloured:
            if name not in self._names:
                self._names.append(name)
            colour = _COLOURS[self._names.index(name) % len(_COLOURS)]
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        self._emit(f"{prefix} {line}\n")

    def _emit(self, text: str) -> None:
        if self.is_closed:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:  # whoever read the output has gone; the supervisor stops on this
            self.is_closed = True
