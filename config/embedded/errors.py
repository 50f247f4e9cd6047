"""What can keep an embedded service from starting, as sentences for people."""


class ServiceUnavailable(Exception):
    """The text says what is wrong and what to do about it."""
