"""The supervisors' pages on holds, corrections that wait for a second person, and what was done to accounts."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy

from agents.brand_admin import LedgerAdmin, OneOfMine
from agents.filter_admin import Days
from loyalty.models import AccountEvent, Adjustment, Hold


@admin.register(Hold)
class HoldAdmin(LedgerAdmin):
    list_display = ["account", "points", "state", "source", "made_at", "expires_at", "ended_at"]
    list_filter = [("account__brand", OneOfMine), "state", ("expires_at", Days)]
    list_select_related = ["account"]
    search_fields = ["account__number__exact"]
    search_help_text = gettext_lazy("The account’s number.")


@admin.register(Adjustment)
class AdjustmentAdmin(LedgerAdmin):
    list_display = ["account", "points", "reason", "state", "requester", "asked_at", "approver", "decided_at"]
    list_filter = [("account__brand", OneOfMine), "state", ("asked_at", Days)]
    list_select_related = ["account", "requester", "approver"]
    search_fields = ["account__number__exact"]
    search_help_text = gettext_lazy("The account’s number.")


@admin.register(AccountEvent)
class AccountEventAdmin(LedgerAdmin):
    list_display = ["account", "kind", "reason", "actor", "at"]
    list_filter = [("brand", OneOfMine), "kind", ("at", Days)]
    list_select_related = ["account", "actor"]
    search_fields = ["account__number__exact"]
    search_help_text = gettext_lazy("The account’s number.")
