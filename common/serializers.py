"""What API inputs share: nothing unknown passes silently."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail


class InputSerializer(serializers.Serializer[Any]):
    """Checks a body or the query of one endpoint; a field it does not know is an error."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse unknown fields beside everything else that is wrong."""
        unknown = {
            str(name): [ErrorDetail(str(_("There is no such field.")), code="unknown_field")]
            for name in (data if isinstance(data, Mapping) else ())
            if name not in self.fields
        }
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **unknown}) from None
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return value


class PageQuery(InputSerializer):
    """The query of every list."""

    cursor = serializers.CharField(
        required=False,
        default="",
        max_length=512,
        help_text="`next_cursor` of the page before; leave out for the first page.",
    )
    limit = serializers.IntegerField(
        required=False, default=50, min_value=1, max_value=100, help_text="Rows a page."
    )
