"""`python -m tests.fakes.stripe --port N`: serve until stopped; the first line is the address."""

from __future__ import annotations

import argparse
import sys

from .server import listen


def main() -> None:
    """Parse the arguments and serve."""
    parser = argparse.ArgumentParser(prog="tests.fakes.stripe", description=__doc__)
    parser.add_argument("--port", type=int, default=12111, help="0 takes any free port")
    parser.add_argument(
        "--retry",
        default="0.2,0.5,1",
        help="seconds before each further webhook attempt",
    )
    arguments = parser.parse_args()
    waits = tuple(float(text) for text in arguments.retry.split(",") if text)
    http = listen(arguments.port, retry_seconds=waits)
    sys.stdout.write(f"http://127.0.0.1:{http.server_address[1]}\n")
    sys.stdout.flush()
    try:
        http.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        http.server_close()


if __name__ == "__main__":
    main()
