"""Path parts of the API's addresses. What does not fit the pattern is simply not found."""

from django.urls import register_converter
from django.urls.converters import get_converters


class PublicIdConverter:
    """A public id of any kind, such as `bkg_01kac3w1v5h0e8y2r7m4q9t6zd`."""

    regex = "[a-z]{2,6}_[0-9a-z]{26}"

    def to_python(self, value: str) -> str:
        """Return the id."""
        return value

    def to_url(self, value: str) -> str:
        """Return the id."""
        return value


class SlugOrIdConverter(PublicIdConverter):
    """A slug, or a public id in its place."""

    regex = "[A-Za-z0-9][A-Za-z0-9_-]{0,59}"


def register() -> None:
    """Make `<id:…>` and `<ref:…>` known; repeats safely."""
    if "ref" in get_converters():
        return
    register_converter(PublicIdConverter, "id")
    register_converter(SlugOrIdConverter, "ref")
