"""Public ids: prefixed, sortable, unguessable."""

import re
import time

from common.ids import new_public_id


class TestPublicId:
    def test_has_the_prefix_and_26_characters(self) -> None:
        assert re.fullmatch(r"bkg_[0-9a-hjkmnp-tv-z]{26}", new_public_id("bkg"))

    def test_sorts_by_time_of_making(self) -> None:
        first = new_public_id("bkg")
        time.sleep(0.002)

        assert first < new_public_id("bkg")

    def test_does_not_repeat(self) -> None:
        assert len({new_public_id("bkg") for _ in range(10_000)}) == 10_000
