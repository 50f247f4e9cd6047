from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from common.pagination import InvalidCursor, paginate

ORDER = ("-date_joined", "-id")


def page(**arguments):
    return paginate(User.objects.all(), order=ORDER, scope="users", **{"limit": 10, **arguments})


@pytest.fixture
def people(db):
    now = timezone.now()
    # Groups of five share an instant, so that pages break inside a group.
    return User.objects.bulk_create(
        User(
            email=f"p{number}@example.com",
            date_joined=now - timedelta(minutes=number // 5),
        )
        for number in range(34)
    )


class TestPaginate:
    def test_shows_every_row_once_in_order(self, people):
        seen: list[int] = []
        cursor: str | None = ""
        while cursor is not None:
            found = page(cursor=cursor, limit=7)
            seen += [row.pk for row in found.rows]
            cursor = found.next_cursor

        assert seen == list(User.objects.order_by(*ORDER).values_list("pk", flat=True))

    def test_is_not_shifted_by_rows_that_come_or_go(self, people):
        first = page()
        User.objects.create(email="new@example.com")
        User.objects.filter(pk=first.rows[3].pk).delete()

        second = page(cursor=first.next_cursor)

        expected = list(User.objects.order_by(*ORDER).values_list("pk", flat=True))[10:20]
        assert [row.pk for row in second.rows] == expected

    @pytest.mark.parametrize("position", ["first", "second"])
    def test_takes_one_statement(self, people, position, django_assert_num_queries):
        cursor = "" if position == "first" else page().next_cursor

        with django_assert_num_queries(1):
            page(cursor=cursor)

    def test_ends_without_a_cursor(self, people):
        assert page(limit=34).next_cursor is None
        assert page(limit=33).next_cursor

    @pytest.mark.parametrize("cursor", ["x", "W1sxXV0:abc", "a" * 600, "é", "\x00"])
    def test_refuses_a_cursor_it_did_not_issue(self, people, cursor):
        with pytest.raises(InvalidCursor):
            page(cursor=cursor)

    def test_refuses_the_cursor_of_another_list(self, people):
        cursor = page().next_cursor

        with pytest.raises(InvalidCursor):
            paginate(User.objects.all(), order=ORDER, scope="others", cursor=cursor or "")
