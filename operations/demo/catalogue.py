"""The demo businesses: profiles, hours, services."""

import datetime as dt
from typing import Any

from accounts import actions as accounts
from accounts.models import Business, Staff, User
from bookings import actions as bookings
from bookings.models import Calendar, Service, TaskTemplate, Tier
from payments import actions as payments
from payments.provider_calls import check_credentials

_SANDBOX = {"webhook_secrets": ["whsec_demo_sandbox"]}
Opening = tuple[dt.time, dt.time]


def _hours(*openings: tuple[int, int]) -> list[Opening]:
    return [(dt.time(start), dt.time(end % 24)) for start, end in openings]


BUSINESSES: dict[str, dict[str, Any]] = {
    "lotus-spa": {
        "owner": "owner@frontdesk.test",
        "profile": {
            "name": "Lotus Spa",
            "timezone": "Asia/Ho_Chi_Minh",
            "currency": "VND",
            "locale": "vi",
            "tagline": "Quiet hours in the middle of Saigon",
            "description": "Massage and facials by people who take their time.",
            "email": "hello@lotus-spa.test",
            "phone": "+842838220000",
            "address": "12 Đồng Khởi, Quận 1, Hồ Chí Minh",
            "accent": "#0f766e",
        },
        "week": {day: _hours((9, 12), (13, 20)) for day in range(6)},
        "staff": ["owner@frontdesk.test", "desk@frontdesk.test"],
        "services": [
            {
                "slug": "massage",
                "name": "Traditional massage",
                "summary": "Warm oil, firm hands, no hurry",
                "description": "A full-body massage. Arrive ten minutes early for a cup of tea.",
                "tasks": [("Prepare the room and warm the oil", -30), ("Call back next day", 1440)],
                "tiers": [
                    ("60 minutes", 60, 450_000, {"deposit_percent": 30, "buffer": 15}),
                    ("90 minutes", 90, 620_000, {"deposit_percent": 30, "buffer": 15}),
                ],
            },
            {
                "slug": "facial",
                "name": "Lotus facial",
                "summary": "For skin that has seen too much sun",
                "description": "Cleansing, mask and massage of face and neck.",
                "tasks": [("Ask about allergies", -60)],
                "tiers": [("45 minutes", 45, 380_000, {"deposit_percent": 30, "buffer": 10})],
            },
            {
                "slug": "consultation",
                "name": "First consultation",
                "summary": "Free, to find out what helps",
                "description": "A talk about what you need. Nothing to pay.",
                "tasks": [],
                "tiers": [("20 minutes", 20, 0, {})],
            },
        ],
    },
    "baker-and-sons": {
        "owner": "sam@frontdesk.test",
        "profile": {
            "name": "Baker & Sons Plumbing",
            "timezone": "Australia/Sydney",
            "currency": "AUD",
            "tagline": "Leaks fixed today, not next week",
            "description": "Licensed plumbers for the inner west. Deposits secure your visit.",
            "email": "jobs@bakerandsons.test",
            "phone": "+61290001122",
            "address": "8 Enmore Road, Newtown NSW",
            "accent": "#1d4ed8",
        },
        "week": {day: _hours((7, 16)) for day in range(5)},
        "staff": ["sam@frontdesk.test"],
        "services": [
            {
                "slug": "leak",
                "name": "Leak repair",
                "summary": "Taps, pipes, toilets",
                "description": "We find it and fix it. Parts are extra and agreed first.",
                "tasks": [("Load the van", -60), ("Send the warranty card", 2880)],
                "tiers": [
                    ("Standard visit", 90, 22_000, {"deposit_minor": 5_000, "buffer": 30}),
                    ("Emergency, same day", 90, 38_000, {"deposit_minor": 10_000, "buffer": 30}),
                ],
            },
            {
                "slug": "quote",
                "name": "Bathroom quote",
                "summary": "On site, with a written price",
                "description": "Sam measures, listens and writes the quote at your table.",
                "tasks": [],
                "tiers": [("On-site visit", 60, 0, {"needs_approval": True})],
            },
        ],
    },
    "northwind-yoga": {
        "owner": "noor@frontdesk.test",
        "profile": {
            "name": "Northwind Yoga",
            "timezone": "America/New_York",
            "currency": "USD",
            "tagline": "Small classes above the harbour",
            "description": "Slow flow, eight mats, one teacher who knows your name.",
            "email": "hello@northwind.test",
            "address": "40 Commercial Street, Portland",
            "accent": "#7c3aed",
        },
        "week": {day: _hours((7, 9), (17, 20)) for day in range(7)},
        "staff": ["noor@frontdesk.test"],
        "services": [
            {
                "slug": "slow-flow",
                "name": "Slow flow",
                "summary": "Eight mats, all levels",
                "description": "An hour of unhurried movement. Mats and blankets are here.",
                "tasks": [],
                "tiers": [
                    (
                        "Drop-in",
                        60,
                        2_200,
                        {"deposit_percent": 100, "seats": 8, "step_minutes": 60},
                    )
                ],
            },
        ],
    },
}


def create_businesses(users: dict[str, User]) -> dict[str, Business]:
    """Set up the businesses, their week and a sandbox account to be paid through."""
    made = {}
    for slug, description in BUSINESSES.items():
        business = accounts.create_business(
            owner=users[description["owner"]], slug=slug, **description["profile"]
        )
        bookings.set_weekly_hours(business=business, openings=description["week"], actor="demo")
        reference = check_credentials(gateway="sandbox", credentials=_SANDBOX)
        payments.connect_gateway_account(
            business=business,
            gateway="sandbox",
            credentials=_SANDBOX,
            reference=f"{reference}-{slug}" if reference else "",
            label="Sandbox",
            actor="demo",
        )
        made[slug] = business
    return made


def create_catalogue(businesses: dict[str, Business], staff: dict[str, Staff]) -> None:
    """Make calendars, services, tiers and task templates."""
    for slug, description in BUSINESSES.items():
        business = businesses[slug]
        calendars = [
            Calendar.objects.create(
                business=business, staff=staff[email], name=staff[email].display_name
            )
            for email in description["staff"]
        ]
        for position, item in enumerate(description["services"]):
            service = Service.objects.create(
                business=business,
                slug=item["slug"],
                name=item["name"],
                summary=item["summary"],
                description=item["description"],
                position=position,
            )
            service.performers.set(calendars)
            for order, (title, offset) in enumerate(item["tasks"]):
                TaskTemplate.objects.create(
                    service=service, title=title, offset_minutes=offset, position=order
                )
            for order, (name, minutes, price, more) in enumerate(item["tiers"]):
                _create_tier(service, order, (name, minutes, price), dict(more))


def _create_tier(
    service: Service, position: int, basics: tuple[str, int, int], more: dict[str, Any]
) -> None:
    name, minutes, price = basics
    kind = Tier.Deposit.NONE
    if "deposit_percent" in more:
        kind = Tier.Deposit.PERCENT
    elif "deposit_minor" in more:
        kind = Tier.Deposit.AMOUNT
    Tier.objects.create(
        service=service,
        name=name,
        position=position,
        duration_minutes=minutes,
        price_minor=price,
        deposit_kind=kind,
        buffer_after_minutes=more.pop("buffer", 0),
        notice_minutes=60,
        **more,
    )
