"""What every page of the customers in the admin stands on: rows found by any whole address."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agents.brand_admin import LedgerAdmin, OneOfMine
from contactcenter.errors import Refused
from customers.contact import Kind, normalise
from customers.models import Customer


def as_address(words: str) -> tuple[str, str] | None:
    """Kind and normal form of what was typed when it is a whole address; None when it is something else."""
    signs = {"@": Kind.MAIL, ":": Kind.HANDLE}
    kind = Kind.PHONE if words.startswith("+") else next((signs[c] for c in words if c in signs), None)
    try:
        return (kind, normalise(kind, words)) if kind else None
    except Refused:
        return None


class OfCustomerAdmin(LedgerAdmin):
    """Rows of a customer, found by any whole address of theirs: an index answers."""

    list_filter: list[Any] = [("brand", OneOfMine)]
    list_select_related = ["brand", "customer"]
    search_fields = ["customer"]  # opens the search box; what it finds is said below
    search_help_text = _("A customer’s whole e-mail address, phone number with +, or handle.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term.strip()
        return (self.found(queryset, words) if words else queryset), False

    def found(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Those of `rows` that `words` mean."""
        address = as_address(words)
        return rows.filter(customer__in=Customer.objects.reached_by(*address)) if address else rows.none()
