"""An appointment as an iCalendar file (RFC 5545, RFC 5546)."""

from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText

from notifications.letters.base import CalendarEntry
from notifications.transports.base import Message


def method_of(entry: CalendarEntry) -> str:
    """Return the iTIP method: a request adds or changes, a cancel removes."""
    return "CANCEL" if entry.is_canceled else "REQUEST"


def calendar_file(entry: CalendarEntry, message: Message) -> bytes:
    """Return the file. The same uid and a higher sequence replace the earlier appointment."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    calendar = Calendar()
    calendar.add("prodid", "-//Frontdesk//Bookings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method_of(entry))
    event = Event()
    event.add("uid", f"{entry.uid}@{host}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamped_at)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", entry.summary)
    event.add("status", "CANCELLED" if entry.is_canceled else "CONFIRMED")
    event.add("url", entry.url)
    if entry.location:
        event.add("location", entry.location)
    organizer_address = message.brand.email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    organizer = vCalAddress(f"mailto:{organizer_address}")
    organizer.params["cn"] = vText(message.brand.name)
    event["organizer"] = organizer
    attendee = vCalAddress(f"mailto:{message.address}")
    attendee.params["cn"] = vText(message.name)
    attendee.params["role"] = vText("REQ-PARTICIPANT")
    attendee.params["partstat"] = vText("ACCEPTED")
    attendee.params["rsvp"] = vText("FALSE")
    event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
