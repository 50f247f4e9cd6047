"""How work tells the relay what a failure means."""


class Retry(Exception):
    """Run again: after `after` seconds if given; `counts` says if this was an attempt."""

    def __init__(self, reason: str, *, after: float | None = None, counts: bool = True) -> None:
        """`reason` is shown in the admin, so it holds no secrets."""
        super().__init__(reason)
        self.after = after
        self.counts = counts


class GiveUp(Exception):
    """Never run again by itself; the row ends dead and can be replayed by hand."""


class UnknownEventType(LookupError):
    """An event type nobody registered."""


class AlreadyRegistered(ValueError):
    """Another object stands in the registry under this name."""
