"""Folding for search."""

import pytest

from common.text import fold


class TestFold:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("Nguyễn Thị Minh Khai", "nguyen thi minh khai"),
            ("Đặng  Đình", "dang dinh"),
            ("Großmann", "grossmann"),
            ("ÅSE", "ase"),
        ],
    )
    def test_drops_case_and_diacritics(self, text, folded) -> None:
        assert fold(text) == folded
