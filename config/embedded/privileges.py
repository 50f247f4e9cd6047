"""PostgreSQL refuses to run as root: how a root session starts it all the same.

Inside a user namespace root appears as another account, so files stay root's and folders only
root may enter still work. Where namespaces are forbidden, as in many containers, the server runs
as the account `nobody` on a folder handed over to it, if need be with the one capability that
lets it enter root's folders.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.errors import ServiceUnavailable

_NOBODY = 65534
_NAMESPACE = ("unshare", "-U", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}")
_OTHER_ACCOUNT = ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups")
# Without the securebit access(2), which initdb asks, would disregard the capability.
_ENTERS_FOLDERS = (
    "--inh-caps=-all,+dac_override",
    "--ambient-caps=+dac_override",
    "--securebits=+no_setuid_fixup",
)


@dataclass(frozen=True, slots=True)
class Privileges:
    """How to run a command as somebody PostgreSQL accepts; `owner` is who must own the data."""

    prefix: Sequence[str] = field(default=())
    owner: int | None = None

    def wrap(self, argv: Sequence[str], *, death_signal: str = "") -> list[str]:
        """Return the command; it asks for `death_signal` again, as a new identity clears it."""
        asks = ("setpriv", "--pdeathsig", death_signal)
        needs_asking = death_signal and self.prefix and shutil.which("setpriv")
        return [*self.prefix, *(asks if needs_asking else ()), *argv]

    def hand_over(self, path: Path) -> None:
        """Give a folder to the account the server runs as."""
        if self.owner is not None:
            os.chown(path, self.owner, self.owner)


def find_privileges(*, executable: Path, data: Path) -> Privileges:
    """Return how to run the server here. Raises ServiceUnavailable when there is no way."""
    if os.getuid() != 0:
        return Privileges()
    if sys.platform == "linux" and _succeeds([*_NAMESPACE, "true"]):
        return Privileges(prefix=_NAMESPACE)
    for prefix in (_OTHER_ACCOUNT, (*_OTHER_ACCOUNT, *_ENTERS_FOLDERS)):
        # `test` asks access(2), as initdb does.
        reaches = ("test", "-x", str(executable), "-a", "-x", str(data.parent))
        if _succeeds([*prefix, *reaches]):
            return Privileges(prefix=prefix, owner=_NOBODY)
    raise ServiceUnavailable(
        "PostgreSQL refuses to run as root, and this system allows neither user namespaces nor "
        "another account to reach this folder. Start as an ordinary user, move the project to a "
        "folder everybody may enter, or set DATABASE_URL to a PostgreSQL server."
    )


def _succeeds(argv: Sequence[str]) -> bool:
    if shutil.which(argv[0]) is None:
        return False
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0
