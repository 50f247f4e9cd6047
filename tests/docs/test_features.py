"""The page of promised rows and the marks of the tests say the same."""

from tests.docs import features

PROMISED = (
    [f"A{n}" for n in range(1, 24)]
    + [f"B{n}" for n in range(1, 18)]
    + [f"C{n}" for n in range(1, 18)]
    + [f"D{n}" for n in range(1, 10)]
    + [f"E{n}" for n in range(1, 16)]
)


class TestFeaturesPage:
    def test_lists_every_promised_row_once(self) -> None:
        assert features.row_ids(features.PAGE.read_text()) == PROMISED

    def test_names_exactly_the_tests_that_carry_the_mark(self) -> None:
        page = features.PAGE.read_text()

        assert page == features.rewritten(page), "run: python -m tests.docs.features"

    def test_every_mark_names_a_promised_row(self) -> None:
        assert set(features.marks()) <= set(PROMISED)
