"""`python -m bench`: measure everything, print the table."""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench.scratch import scratch_database
from bench.table import Row, show, tell

GROUPS = ("webhooks", "middleware", "bookings", "availability", "lists", "relay", "sockets")


def main() -> int:
    """Parse the command line and run; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, read once")
    parser.add_argument(
        "--only", default="", metavar="GROUPS", help=f"of {', '.join(GROUPS)}; comma separated"
    )
    options = parser.parse_args()
    wanted = [name for name in options.only.split(",") if name] or list(GROUPS)
    if unknown := set(wanted) - set(GROUPS):
        parser.error(f"no group is named {', '.join(sorted(unknown))}")
    for name in ("DATABASE_URL", "REDIS_URL"):
        if not os.environ.get(name):
            parser.error(f"{name} is not set; bin/bench starts the services itself")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as folder:
        os.environ["FRONTDESK_VAR"] = folder
        with scratch_database() as name:
            tell(f"preparing the scratch database {name}")
            rows, scale = _measure(wanted, is_quick=options.quick, folder=Path(folder))
    kind = "a tenth of the full size, read once" if options.quick else "medians of three runs"
    title = f"Frontdesk benchmark: {kind}; {os.cpu_count()} cores; {scale}"
    show(rows, title=f"{title}; {time.monotonic() - began:.0f} s")
    return 0


def _measure(wanted: list[str], *, is_quick: bool, folder: Path) -> tuple[list[Row], str]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)

    from bench.rows import availability, bookings, lists, middleware, relay, sockets, webhooks
    from bench.run import Group, Run
    from bench.servers import processes

    groups: dict[str, Group] = {
        "webhooks": webhooks.measure,
        "middleware": middleware.measure,
        "bookings": bookings.measure,
        "availability": availability.measure,
        "lists": lists.measure,
        "relay": relay.measure,
        "sockets": sockets.measure,
    }
    rows = []
    with processes(folder) as running:
        run = Run(is_quick, running)
        scale = f"constant JSON by bare WSGI {run.read_pace().rate:,.0f}/s, pace {run.pace:.2f}"
        for name in wanted:
            tell(name)
            for row in groups[name](run):
                tell(f"  {row.what}: {row.measured} ({row.verdict}) {row.note}")
                rows.append(row)
    return rows, scale


if __name__ == "__main__":
    sys.exit(main())
