"""What agents were told, to be looked at."""

from __future__ import annotations

from django.contrib import admin

from agents.brand_admin import LedgerAdmin, OneOfMine
from agents.filter_admin import Days
from agents.models import Notification


@admin.register(Notification)
class NotificationAdmin(LedgerAdmin):
    list_display = ["subject", "kind", "agent", "at", "read_at"]
    list_filter = [("brand", OneOfMine), ("at", Days)]
    list_select_related = ["agent"]
    fields = ["brand", "agent", "kind", "subject", "data", "at", "read_at"]
