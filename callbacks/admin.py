"""The supervisors' pages on what was promised: to be looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agents.brand_admin import LookInline, OneOfMine
from agents.export_admin import ExportAdmin, Sheet
from agents.filter_admin import Asked, Days
from callbacks.models import Attempt, Callback
from contactcenter import clock
from customers.core_admin import OfCustomerAdmin, as_address
from tickets.admin import REFERENCE_OR_ADDRESS
from tickets.core_admin import OfTicketAdmin
from tickets.models import Ticket


class AttemptInline(LookInline):
    model = Attempt
    fields = ["outcome", "by", "at", "note"]


class Promise(Asked):
    title = _("promise")
    parameter_name = "promise"
    answers = {
        "open": (_("Still to keep"), lambda promises: promises.open()),
        "missed": (_("Its window is over"), lambda promises: promises.missed(clock.now())),
        "late": (_("Late, or kept late"), lambda promises: promises.late(clock.now())),
    }


class CallbackSheet(Sheet):
    class Meta:
        model = Callback
        fields = [
            "id", "brand__code", "kind", "reason", "state", "customer__id", "customer__name", "ticket__number",
            "owner__name", "window_from", "window_to", "zone", "promised_at", "ended_at",
        ]  # fmt: skip


@admin.register(Callback)
class CallbackAdmin(ExportAdmin, OfCustomerAdmin):
    sheet = CallbackSheet
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
    list_filter = [("brand", OneOfMine), Promise, "state", "kind", ("window_from", Days)]
    list_select_related = ["brand", "customer", "owner", "ticket__brand"]
    search_help_text = REFERENCE_OR_ADDRESS
    inlines = [AttemptInline]

    def found(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        if as_address(words):
            return super().found(rows, words)
        return rows.filter(ticket__in=Ticket.objects.all().referred_to_by(words))


@admin.register(Attempt)
class AttemptAdmin(OfTicketAdmin):
    list_display = ["callback", "outcome", "by", "at", "note"]
    list_filter = [("callback__brand", OneOfMine), "outcome", ("at", Days)]
    list_select_related = ["callback", "by"]
    ticket_path = "callback__ticket"
