import itertools

import pytest

from common import colour

CHOSEN = [
    f"#{r:02x}{g:02x}{b:02x}" for r, g, b in itertools.product((0, 51, 128, 204, 255), repeat=3)
]


class TestContrast:
    def test_is_21_for_black_on_white_and_1_for_equal_colours(self) -> None:
        assert colour.contrast("#000000", "#ffffff") == pytest.approx(21.0)
        assert colour.contrast("#3454d1", "#3454d1") == 1.0

    def test_matches_a_published_value(self) -> None:
        assert round(colour.contrast("#767676", "#ffffff"), 2) == 4.54

    def test_refuses_what_is_not_a_colour(self) -> None:
        with pytest.raises(ValueError, match="#rrggbb"):
            colour.contrast("red", "#ffffff")


class TestAccentPair:
    @pytest.mark.parametrize("chosen", CHOSEN)
    def test_never_falls_below_4_5_whatever_the_business_chose(self, chosen: str) -> None:
        pair = colour.accent_pair(chosen)

        for accent, surfaces in (
            (pair.light, colour.LIGHT_SURFACES),
            (pair.dark, colour.DARK_SURFACES),
        ):
            assert colour.contrast(accent.on_fill, accent.fill) >= 4.5
            assert colour.contrast(accent.on_fill, accent.fill_hover) >= 4.5
            for surface in (*surfaces, accent.soft):
                assert colour.contrast(accent.text, surface) >= 4.5

    def test_keeps_a_readable_choice_as_it_is(self) -> None:
        assert colour.accent_pair("#0f5132").light.fill == "#0f5132"
        assert colour.accent_pair("#0f5132").light.text == "#0f5132"

    def test_falls_back_to_the_products_accent_for_a_bad_value(self) -> None:
        bad = "red;}body{display:none"
        assert colour.accent_pair(bad) == colour.accent_pair(colour.DEFAULT_ACCENT)

    def test_prints_declarations_and_nothing_else(self) -> None:
        css = colour.accent_pair("#c2410c").css()

        assert css.startswith("--accent:light-dark(#c2410c,#")
        assert css.count("light-dark(") == 5
        assert not set(css) & set("<>\"'{}")
