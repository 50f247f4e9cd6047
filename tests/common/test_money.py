"""Money: exact, of one currency, written as people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import Money, exponent


class TestMoney:
    @pytest.mark.parametrize(
        ("currency", "digits"), [("VND", 0), ("JPY", 0), ("USD", 2), ("EUR", 2), ("KWD", 3)]
    )
    def test_knows_the_decimals_of_a_currency(self, currency, digits) -> None:
        assert exponent(currency) == digits

    def test_refuses_a_float(self) -> None:
        with pytest.raises(TypeError):
            Money(15.0, "USD")  # type: ignore[arg-type]  # the mistake under test

    def test_refuses_to_mix_currencies(self) -> None:
        with pytest.raises(ValueError, match="do not mix"):
            Money(1, "USD") + Money(1, "VND")

    @pytest.mark.parametrize(
        ("money", "locale", "text"),
        [
            (Money(300000, "VND"), "vi", "300.000\xa0₫"),
            (Money(300000, "VND"), "en", "₫300,000"),
            (Money(1500, "USD"), "en", "$15.00"),
            (Money(1500, "EUR"), "de", "15,00\xa0€"),
            (Money(1234, "KWD"), "en", "KWD1.234"),
        ],
    )
    def test_is_written_by_locale(self, money, locale, text) -> None:
        assert money.display(locale) == text

    @given(st.integers(0, 10**12), st.integers(0, 100))
    def test_a_share_and_its_rest_make_the_whole(self, minor, share) -> None:
        whole = Money(minor, "USD")
        part = whole.percent(share)

        assert part + (whole - part) == whole
        assert abs(part.minor - minor * share / 100) <= 0.5 + minor * 1e-12

    def test_rounds_a_half_up(self) -> None:
        assert Money(5, "USD").percent(50).minor == 3
