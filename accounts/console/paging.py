"""Pages of a list that may hold millions of rows."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator

LIMIT = 2_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # Django's is not generic at run time
    """Counts at most 2,000 rows, so that neither the count nor an offset grows with the table.

    Older rows are reached by the list's filters, or by the link the page shows below the last one.
    """

    template_name = "admin/console/pagination.html"

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[: LIMIT + 1].count())

    @cached_property
    def count(self) -> int:
        """Return the number of rows, or 2,000 when there are more."""
        return min(self._found, LIMIT)

    @property
    def is_cut(self) -> bool:
        """Say whether there are more rows than are counted."""
        return self._found > LIMIT
