"""What keeps the product from starting, as sentences for people."""


class CannotStart(Exception):
    """The text says what is wrong and what to do about it."""
