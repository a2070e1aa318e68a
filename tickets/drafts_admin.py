"""The supervisors' page on words that were begun, and on those that are held before they go out."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.template.defaultfilters import linebreaksbr

from agents.brand_admin import OneOfMine
from agents.filter_admin import Days
from tickets.core_admin import OfTicketAdmin
from tickets.models import Draft


@admin.register(Draft)
class DraftAdmin(OfTicketAdmin):
    list_display = ["ticket", "agent", "kind", "changed_at", "due_at", "is_scheduled", "returned"]
    list_filter: list[Any] = [("ticket__brand", OneOfMine), "kind", ("changed_at", Days)]
    list_select_related = ["ticket__brand", "agent"]
    readonly_preprocess_fields = {"text": linebreaksbr}
