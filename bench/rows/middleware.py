"""What the whole middleware stack costs, on the two addresses that are called most."""

from collections.abc import Callable, Iterator

from bench.load import Reading, send
from bench.messages import http
from bench.rows.availability import kept_path
from bench.rows.webhooks import our_notices
from bench.run import Run
from bench.table import Row, ratio_row

_WARM_UP = 100


def measure(run: Run) -> Iterator[Row]:
    """Measure a notice and kept free times with all middleware and with none."""
    bare = run.processes.start_wsgi("bench.floors.without_middleware:application")
    read = http("GET", kept_path())
    for what, make, count in (
        ("the webhook ACK", our_notices, run.paced(3000)),
        ("kept availability", lambda size: [read] * size, run.paced(2000)),
    ):
        found = run.compare(_load(bare, make, count), _load(run.ours, make, count))
        yield ratio_row(f"all middleware to none, on {what}", found, least=0.85)


def _load(port: int, make: Callable[[int], list[bytes]], count: int) -> Callable[[], Reading]:
    return lambda: send(port, make(count), warm_up=make(_WARM_UP))
