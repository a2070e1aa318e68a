"""The supervisors' pages on what customers may choose from, and what they chose by tier and reason, as a file too."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from agents.brand_admin import LookInline, OneOfMine
from agents.export_admin import ExportAdmin, Sheet
from agents.filter_admin import Days
from goodwill.choices_admin import ChoicesAdmin
from goodwill.models import Offer, Remedy
from tickets.core_admin import OfTicketAdmin


class OfferSheet(Sheet):
    """One line an offer: what was chosen, by which tier, for what reason."""

    class Meta:
        model = Offer
        fields = [
            "id", "brand__code", "request__ticket__number", "request__reason__code", "tier__code", "state",
            "chosen__kind", "chosen__points", "request__by__name", "sent_at", "chosen_at",
        ]  # fmt: skip


class RemedyInline(LookInline):
    model = Remedy
    fk_name = "offer"
    fields = ["name", "kind", "points", "is_default"]
    readonly_fields = ["name"]
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Remedy]:
        return super().get_queryset(request).select_related("reward", "benefit")


@admin.register(Offer)
class OfferAdmin(ChoicesAdmin, ExportAdmin, OfTicketAdmin):
    sheet = OfferSheet
    inlines = [RemedyInline]
    ticket_path = "request__ticket"
    list_display = ["request", "reason", "tier", "state", "chosen", "sent_at", "default_at"]
    list_filter = [("brand", OneOfMine), "state", ("sent_at", Days)]
    list_select_related = [
        "brand", "request__reason", "tier", "chosen__reward", "chosen__benefit",
    ]  # fmt: skip
    actions_list = ["choices"]

    @admin.display(ordering="request__reason")
    def reason(self, offer: Offer) -> str:
        return str(offer.request.reason)
