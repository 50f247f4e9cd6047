"""Letters about bookings and their conversation."""

from django.utils.translation import gettext as _

from common.money import Money
from common.templatetags.frontdesk import locale
from events import registry
from notifications.letters.base import CalendarEntry, Letter, Scene, moment


def _service(scene: Scene) -> str:
    data = scene.data
    tier = data["tier_name"]
    return f"{data['service_name']}, {tier}" if tier else str(data["service_name"])


def _rows(scene: Scene) -> tuple[tuple[str, str], ...]:
    data = scene.data
    rows = [(_("Service"), _service(scene)), (_("When"), scene.period())]
    if data["calendar_name"]:
        rows.append((_("With"), str(data["calendar_name"])))
    if not scene.is_customer:
        rows.append((_("Customer"), scene.customer_name))
    elif scene.business.address:
        rows.append((_("Where"), scene.business.address))
    if data["price_minor"]:
        rows.append((_("Price"), scene.money("price_minor")))
    if paid := _paid_minor(scene):
        rows.append((_("Paid"), Money(paid, data["currency"]).display(locale())))
    return tuple(rows)


def _paid_minor(scene: Scene) -> int:
    """Return what was paid by now: a deposit is added just after the event that it causes."""
    now = registry.current(str(scene.data["id"]))
    return max(int(scene.data["paid_minor"]), int(getattr(now, "paid_minor", 0)))


def _rows_with_rest(scene: Scene) -> tuple[tuple[str, str], ...]:
    rest, paid = int(scene.data["price_minor"]), _paid_minor(scene)
    if not paid or rest <= paid:
        return _rows(scene)
    left = Money(rest - paid, scene.data["currency"]).display(locale())
    return (*_rows(scene), (_("Left to pay on site"), left))


def _calendar(scene: Scene, *, is_canceled: bool = False) -> CalendarEntry | None:
    if not scene.is_customer:
        return None
    data = scene.data
    return CalendarEntry(
        uid=str(data["id"]),
        sequence=int(data["version"]),
        is_canceled=is_canceled,
        starts_at=scene.instant("starts_at"),
        ends_at=scene.instant("ends_at"),
        summary=_("%(service)s at %(business)s")
        % {"service": data["service_name"], "business": scene.business.name},
        location=scene.business.address,
        url=scene.link(str(data["id"])),
        stamped_at=scene.event.at,
    )


def _button(scene: Scene, customer_label: str) -> tuple[str, str]:
    label = customer_label if scene.is_customer else _("Open the booking")
    return (label, scene.link(str(scene.data["id"])))


def _names(scene: Scene) -> dict[str, str]:
    return {
        "service": str(scene.data["service_name"]),
        "business": scene.business.name,
        "customer": scene.customer_name,
        "when": scene.day(),
    }


def received(scene: Scene) -> Letter:
    """Say that the time is held until it is paid."""
    held = scene.data["hold_expires_at"]
    note = ""
    if held:
        until = moment(scene.instant("hold_expires_at"), scene.business.zone)
        note = _("We keep this time for you until %(until)s.") % {"until": until}
    return Letter(
        title=_("Finish booking %(service)s: payment is missing") % _names(scene),
        lead=_("Your time at %(business)s is held, but not yet paid.") % _names(scene),
        rows=_rows(scene),
        button=_button(scene, _("Pay now")),
        note=note,
        tone="attention",
    )


def requested(scene: Scene) -> Letter:
    """Say that a request waits for the business's answer."""
    if scene.is_customer:
        return Letter(
            title=_("We received your request for %(service)s") % _names(scene),
            lead=_("%(business)s will answer your request for %(when)s.") % _names(scene),
            rows=_rows(scene),
            button=_button(scene, _("See your request")),
            note=_("Nothing is charged until the request is approved."),
        )
    return Letter(
        title=_("%(customer)s asks for %(service)s, %(when)s") % _names(scene),
        lead=_("%(customer)s waits for your answer.") % _names(scene),
        rows=_rows(scene),
        button=(_("Answer the request"), scene.link(str(scene.data["id"]))),
        tone="attention",
    )


def approved(scene: Scene) -> Letter:
    """Say that the request was approved and now waits for its payment."""
    return Letter(
        title=_("Approved: %(service)s, %(when)s") % _names(scene),
        lead=_("%(business)s approved your request. Pay to make it certain.") % _names(scene),
        rows=_rows(scene),
        button=_button(scene, _("Pay now")),
        tone="attention",
    )


def confirmed(scene: Scene) -> Letter:
    """Say that the booking is certain."""
    if scene.is_customer:
        return Letter(
            title=_("Confirmed: %(service)s, %(when)s") % _names(scene),
            lead=_("Your booking at %(business)s is confirmed.") % _names(scene),
            rows=_rows_with_rest(scene),
            button=_button(scene, _("Manage your booking")),
            note=_("The appointment is attached for your calendar."),
            tone="good",
            calendar=_calendar(scene),
        )
    return Letter(
        title=_("New booking: %(customer)s, %(service)s, %(when)s") % _names(scene),
        lead=_("%(customer)s booked %(service)s.") % _names(scene),
        rows=_rows_with_rest(scene),
        button=_button(scene, ""),
        tone="good",
    )


def rescheduled(scene: Scene) -> Letter:
    """Say where the booking moved."""
    was = scene.period("previous_starts_at", "previous_ends_at")
    names = _names(scene)
    title = (
        _("Moved: %(service)s is now %(when)s")
        if scene.is_customer
        else _("Moved: %(customer)s, %(service)s is now %(when)s")
    )
    lead = (
        _("Your booking at %(business)s has a new time.")
        if scene.is_customer
        else _("The booking of %(customer)s has a new time.")
    )
    return Letter(
        title=title % names,
        lead=lead % names,
        rows=(*_rows(scene), (_("Before"), was)),
        button=_button(scene, _("Manage your booking")),
        note=_("The attached appointment replaces the earlier one.") if scene.is_customer else "",
        calendar=_calendar(scene),
    )


def canceled(scene: Scene) -> Letter:
    """Say that the booking is off, and why when a reason was given."""
    rows = list(_rows(scene))
    if scene.data["cancel_reason"]:
        rows.append((_("Reason"), str(scene.data["cancel_reason"])))
    names = _names(scene)
    if scene.is_customer:
        return Letter(
            title=_("Canceled: %(service)s, %(when)s") % names,
            lead=_("Your booking at %(business)s is canceled.") % names,
            rows=tuple(rows),
            button=_button(scene, _("Book another time")),
            note=_("If something is to be paid back, we write again when it is on its way.")
            if scene.data["paid_minor"]
            else "",
            tone="bad",
            calendar=_calendar(scene, is_canceled=True),
        )
    return Letter(
        title=_("Canceled: %(customer)s, %(service)s, %(when)s") % names,
        lead=_("The booking of %(customer)s is canceled; the time is free.") % names,
        rows=tuple(rows),
        button=_button(scene, ""),
        tone="bad",
    )


def expired(scene: Scene) -> Letter:
    """Say that the held time was given up."""
    return Letter(
        title=_("Not booked: %(service)s, %(when)s") % _names(scene),
        lead=_("Your time at %(business)s was released, because it was not settled in time.")
        % _names(scene),
        rows=_rows(scene),
        button=_button(scene, _("Choose another time")),
        note=_("If you have paid, the money comes back to you."),
        tone="attention",
    )


def message_posted(scene: Scene) -> Letter:
    """Say that somebody wrote; the text is read on the page."""
    booking = str(scene.data["booking"])
    if scene.is_customer:
        return Letter(
            title=_("%(business)s wrote to you") % {"business": scene.business.name},
            lead=_("There is a new message about your booking."),
            button=(_("Read and answer"), scene.link(booking)),
        )
    return Letter(
        title=_("%(customer)s wrote to you") % {"customer": scene.customer_name},
        lead=_("There is a new message about a booking."),
        button=(_("Read and answer"), scene.link(booking)),
    )
