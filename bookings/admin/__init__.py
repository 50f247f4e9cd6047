"""Bookings, tasks and the offer in the admin."""

from bookings.admin import bookings, offer, tasks

__all__ = ["bookings", "offer", "tasks"]
