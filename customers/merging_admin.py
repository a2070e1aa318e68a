"""The supervisors' pages on customers who are one person: what was merged, who may be, who is not."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from agents.brand_admin import LedgerAdmin, OneOfMine
from agents.filter_admin import Days
from customers.core_admin import OfCustomerAdmin, as_address
from customers.models import Customer, Duplicate, Merge, MergedRow, NotSame


@admin.register(Merge)
class MergeAdmin(OfCustomerAdmin):
    list_display = ["__str__", "kept", "merged", "brand", "reason", "by", "at", "undone_at", "undo"]
    list_filter = [("brand", OneOfMine), "reason", ("at", Days)]
    list_select_related = ["brand", "kept", "merged", "by"]
    exclude = ["key", "request_hash", "undo_key", "undo_hash", "facts"]
    readonly_fields = ["undo"]

    def found(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        address = as_address(words)
        return rows.filter(kept__in=Customer.objects.reached_by(*address)) if address else rows.none()

    @admin.display(description=_("undo"))
    def undo(self, merge: Merge) -> str:
        if merge.undone_at:
            return "–"
        return format_html(
            '<a href="{}">{}</a>', reverse("desk:unmerge", args=[merge.pk]), _("Undo on the desk")
        )


@admin.register(MergedRow)
class MergedRowAdmin(LedgerAdmin):
    list_display = ["__str__", "merge"]
    list_filter = [("merge__brand", OneOfMine)]
    list_select_related = ["merge"]
    search_fields = ["merge__key__exact", "table__exact"]
    search_help_text = _("The key of the merge, or the name of a table.")


class OfTwoAdmin(OfCustomerAdmin):
    """Rows about two customers, found by an address of either."""

    list_select_related = ["brand", "one", "other"]

    def found(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        address = as_address(words)
        if not address:
            return rows.none()
        meant = Customer.objects.reached_by(*address).values("pk")
        return rows.filter(Q(one__in=meant) | Q(other__in=meant))


@admin.register(NotSame)
class NotSameAdmin(OfTwoAdmin):
    list_display = ["__str__", "one", "other", "brand", "by", "at"]
    list_select_related = ["brand", "one", "other", "by"]


@admin.register(Duplicate)
class DuplicateAdmin(OfTwoAdmin):
    list_display = ["__str__", "one", "other", "brand", "score", "words", "found_at", "look"]
    exclude = ["reasons"]
    readonly_fields = ["words", "look"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Duplicate]:
        """Without those who are one by now."""
        rows: Any = super().get_queryset(request)
        return cast("QuerySet[Duplicate]", rows.open())

    @admin.display(description=_("look"))
    def look(self, duplicate: Duplicate) -> str:
        address = reverse("desk:merge", args=[duplicate.one_id, duplicate.other_id])
        return format_html('<a href="{}">{}</a>', address, _("Compare and merge"))
