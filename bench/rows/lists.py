"""Lists by keyset."""

from collections.abc import Iterator
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from accounts.models import User
from bench.data import book, create_shop, multiply, starts
from bench.load import Reading, send
from bench.messages import http
from bench.run import Run
from bench.table import Row, ratio_row
from bookings.models import Booking


def sign_in(user: User) -> str:
    """Return the key of a session that is signed in."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def measure(run: Run) -> Iterator[Row]:
    """Measure the first page of bookings against a bare one, and a far page against the first."""
    pages = run.scaled(1000)
    shop = create_shop("lists", people=1)
    booking = book(shop, at=starts(1)[0])
    multiply(booking, count=pages * 50 + 200)
    newest = Booking.objects.order_by("-id").values_list("id", flat=True)[0]
    session = sign_in(shop.owner)
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
    count = run.paced(600)

    def ours(path: str) -> Reading:
        one = http("GET", path, headers=cookie)
        return send(run.ours, [one] * count, warm_up=[one] * 50)

    bare = http("GET", f"/page?business={shop.business.pk}&below={newest + 1}")
    first = "/api/v1/bookings?limit=50"
    found = run.compare(
        lambda: send(run.floor, [bare] * count, warm_up=[bare] * 50), lambda: ours(first)
    )
    yield ratio_row("page of 50 to a bare keyset page", found, least=0.6)
    far = f"{first}&cursor={_cursor(session, pages)}"
    found = run.compare(lambda: ours(first), lambda: ours(far))
    yield ratio_row(
        f"page {pages:,} to page 1", found, least=1 / 1.2, note="at most 1.2 times as long"
    )


def _cursor(session: str, pages: int) -> str:
    """Walk to a page, two of them a step, and return its cursor."""
    client, query = Client(), {"limit": "100"}
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    for _ in range(pages // 2):
        answer = client.get("/api/v1/bookings", query)
        query["cursor"] = answer.json()["next_cursor"]
    return str(query["cursor"])
