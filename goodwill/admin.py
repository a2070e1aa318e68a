"""The supervisors' pages on what is given back: reasons and limits to set, grants to look at."""

from __future__ import annotations

from django.contrib import admin

from agents.brand_admin import OfBrandAdmin, OneOfMine, SharedAdmin
from agents.export_admin import ExportAdmin, Sheet
from agents.filter_admin import Days
from goodwill.models import Policy, Reason, Request
from tickets.core_admin import OfTicketAdmin


@admin.register(Reason)
class ReasonAdmin(OfBrandAdmin):
    list_display = [
        "label",
        "brand",
        "kind",
        "min_points",
        "default_points",
        "max_points",
        "is_active",
        "rank",
    ]
    list_filter = [("brand", OneOfMine), "kind", "is_active"]
    list_select_related = ["brand"]
    search_fields = ["label", "code"]
    fixed_fields = ["brand", "code"]  # the ledger holds the code as the reason of an entry


@admin.register(Policy)
class PolicyAdmin(SharedAdmin):
    list_display = ["role", "per_grant"]
    ordering = ["-per_grant"]
    search_fields = ["role"]
    fixed_fields = ["role"]


class RequestSheet(Sheet):
    class Meta:
        model = Request
        fields = [
            "id", "brand__code", "ticket__number", "account__number", "points", "reason__code", "by__name", "state",
            "asked_at",
        ]  # fmt: skip


@admin.register(Request)
class RequestAdmin(ExportAdmin, OfTicketAdmin):
    sheet = RequestSheet
    list_display = ["ticket", "points", "reason", "account", "by", "state", "asked_at"]
    list_filter = [("brand", OneOfMine), ("asked_at", Days)]
    list_select_related = ["brand", "ticket__brand", "reason", "account", "by"]
