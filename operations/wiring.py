"""Registries of `notifications` filled for apps that must not know it."""

from bookings import links
from notifications import links as message_links
from notifications.realtime import rooms


def connect() -> None:
    """Say where messages about bookings lead and who may listen to one; repeats safely."""
    message_links.register("bkg", links.booking_link)
    rooms.register("booking", links.may_listen, links.read_link)
