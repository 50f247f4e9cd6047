"""Checked inputs: one serializer serves many requests and says nothing of one to another."""

import threading
from typing import Any

import pytest
from django.utils import translation
from rest_framework.exceptions import ValidationError

from common.endpoints import _bound, read
from common.serializers import PageQuery

TOO_SMALL = {
    "en": "Ensure this value is greater than or equal to 1.",
    "de": "Stelle sicher, dass dieser Wert größer oder gleich 1 ist.",
}


def refusal(language: str) -> str:
    with translation.override(language), pytest.raises(ValidationError) as caught:
        read(PageQuery, {"limit": "0"})
    detail: Any = caught.value.detail
    return str(detail["limit"][0])


@pytest.mark.parametrize("order", [("de", "en"), ("en", "de")])
def test_each_is_refused_in_their_own_language(order):
    assert [refusal(language) for language in order] == [TOO_SMALL[key] for key in order]


def test_threads_share_no_serializer():
    found = []
    other = threading.Thread(target=lambda: found.append(_bound(PageQuery)))
    other.start()
    other.join()

    assert found[0] is not _bound(PageQuery)
    assert _bound(PageQuery) is _bound(PageQuery)
