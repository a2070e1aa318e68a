"""What agents were told, to be looked at."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agents.brand_admin import LedgerAdmin, OneOfMine
from agents.filter_admin import Days
from agents.models import Notification


@admin.register(Notification)
class NotificationAdmin(LedgerAdmin):
    list_display = ["subject", "kind", "agent", "at", "read_at"]
    list_filter = [("brand", OneOfMine), ("at", Days)]
    list_select_related = ["agent"]
    search_fields = ["subject__exact"]
    search_help_text = _("What it is about: FF-4812.")
    fields = ["brand", "agent", "kind", "subject", "data", "at", "read_at"]
