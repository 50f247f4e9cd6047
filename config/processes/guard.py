"""Stops what a killed supervisor left running. Runs alone: standard library only, no package.

Reads lines `add TIER SIGNAL GRACE PGID` and `del PGID` from its standard input. When that ends
without the line `done`, its supervisor is gone: the groups are stopped tier by tier. It holds the
lock file it inherited until then, so the next start waits for an empty house.
"""

import contextlib
import os
import signal
import sys
import time


def is_alive(group: int) -> bool:
    """Return whether any process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def stop_groups(groups: dict[int, tuple[int, int, float]]) -> None:
    """Stop every group: each tier is asked, waited for and then killed before the next."""
    for tier in sorted({entry[0] for entry in groups.values()}):
        members = {group: entry for group, entry in groups.items() if entry[0] == tier}
        for group, (_, number, _) in members.items():
            with contextlib.suppress(OSError):
                os.kill(group, number)
        deadline = time.monotonic() + max(entry[2] for entry in members.values())
        while time.monotonic() < deadline and any(is_alive(group) for group in members):
            time.sleep(0.05)
        for group in members:
            with contextlib.suppress(OSError):
                os.killpg(group, signal.SIGKILL)


def main() -> None:
    """Follow the supervisor until its end of the pipe closes."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, tuple[int, int, float]] = {}
    for line in sys.stdin:
        match line.split():
            case ["add", tier, number, grace, group]:
                groups[int(group)] = (int(tier), int(number), float(grace))
            case ["del", group]:
                groups.pop(int(group), None)
            case ["done"]:
                return
    stop_groups(groups)


if __name__ == "__main__":
    main()
