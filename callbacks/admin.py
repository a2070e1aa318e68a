"""The supervisors' pages on what was promised: to be looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from agents.brand_admin import LedgerAdmin, LookInline, OneOfMine
from callbacks.models import Attempt, Callback
from customers.admin import OfCustomerAdmin, as_address
from tickets.admin import REFERENCE_OR_ADDRESS
from tickets.models import Ticket


class AttemptInline(LookInline):
    model = Attempt
    fields = ["outcome", "by", "at", "note"]


@admin.register(Callback)
class CallbackAdmin(OfCustomerAdmin):
    list_display = [
        "reason",
        "kind",
        "state",
        "customer",
        "brand",
        "owner",
        "window_from",
        "window_to",
        "ticket",
    ]
    list_filter = [("brand", OneOfMine), "state", "kind"]
    list_select_related = ["brand", "customer", "owner", "ticket__brand"]
    search_help_text = REFERENCE_OR_ADDRESS
    inlines = [AttemptInline]

    def found(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        if as_address(words):
            return super().found(rows, words)
        return rows.filter(ticket__in=Ticket.objects.all().referred_to_by(words))


@admin.register(Attempt)
class AttemptAdmin(LedgerAdmin):
    list_display = ["callback", "outcome", "by", "at", "note"]
    list_filter = [("callback__brand", OneOfMine), "outcome"]
    list_select_related = ["callback", "by"]
