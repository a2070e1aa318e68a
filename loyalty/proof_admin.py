"""The supervisors' page on the proofs of the ledger."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.brand_admin import LedgerAdmin, OneOfMine
from agents.filter_admin import Days
from loyalty.models import LedgerProof


@admin.register(LedgerProof)
class LedgerProofAdmin(LedgerAdmin):
    list_display = ["at", "brand", "entries", "broken", "seconds"]
    list_filter = [("brand", OneOfMine), ("at", Days)]
    list_select_related = ["brand"]
    search_fields = ["brand__name__istartswith", "brand__code__iexact"]
    search_help_text = gettext_lazy("The brand’s code, or how its name begins.")
    fields = ["brand", "at", "seconds", "entries", "broken", "found"]
    readonly_fields = ["found"]

    @admin.display(description=gettext_lazy("Findings"))
    def found(self, row: LedgerProof) -> str:
        lines = ((one["account"], one["check"], one["expected"], one["found"]) for one in row.findings)
        told = format_html_join("", "<li>{}: {} – " + _("expected {}, found {}") + "</li>", lines)
        return told or _("None: every invariant holds.")
