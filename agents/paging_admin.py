"""How many rows a list of the admin has, as far as that is quickly told."""

from __future__ import annotations

from django.db import OperationalError, connection, transaction
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from unfold import paginator

MOST = 1_000  # rows that are counted; beyond it is "more than"
WITHIN_MS = 300  # of the database's time; a list that takes longer shows no count


class InfinitePaginator(paginator.InfinitePaginator):
    """Pages without a last one, and beside them how many rows the filters left: 37, or more than 1,000.

    The theme knows by this name of the class that its own figure of all rows is none.
    """

    template_name = "unfold/helpers/pagination_counted.html"

    @cached_property
    def found(self) -> int | None:
        """How many rows there are, MOST + 1 where there are more than MOST, None where counting took too long."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(WITHIN_MS)])
                found: int = self.object_list.order_by()[: MOST + 1].count()
                transaction.set_rollback(True)  # takes the timeout back, also within another transaction
                return found
        except OperationalError:
            return None

    @property
    def words(self) -> str:
        if self.found is None:
            return ""
        if self.found > MOST:
            return _("more than %s rows") % number_format(MOST, force_grouping=True)
        return ngettext("%d row", "%d rows", self.found) % self.found

    @property
    def last(self) -> int:
        """The number of the last page, 0 where it is not known."""
        known = self.found is not None and self.found <= MOST
        return max(1, -(-(self.found or 0) // self.per_page)) if known else 0
