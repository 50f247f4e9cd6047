"""Where embedded services keep data and sockets."""

import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path

from config.embedded.errors import ServiceUnavailable

# A unix socket's path has at most 107 bytes (unix(7)); the longest name used is 24 bytes.
_LONGEST_FOLDER = 80
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")


def private_folder(path: Path, *, mode: int = 0o700) -> Path:
    """Create the folder for this account alone and return it."""
    path.mkdir(mode=mode, parents=True, exist_ok=True)
    path.chmod(mode)
    return path


def socket_folder(var: Path, *, mode: int = 0o700) -> Path:
    """Return the folder for sockets: `var/run`, or a short one of ours in the temporary folder.

    The short one is used when the path is too long for a socket or has characters that
    addresses would need to escape. Raises ServiceUnavailable when someone else owns it.
    """
    wanted = var / "run"
    if len(os.fsencode(wanted)) <= _LONGEST_FOLDER and _PLAIN_PATH.fullmatch(str(wanted)):
        return private_folder(wanted, mode=mode)
    digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"frontdesk-{os.getuid()}-{digest}"
    short.mkdir(mode=mode, exist_ok=True)
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise ServiceUnavailable(f"{short} belongs to someone else; remove it and start again.")
    short.chmod(mode)
    return short
