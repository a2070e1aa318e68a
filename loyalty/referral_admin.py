"""The supervisors' pages on who brought whom, and on the statements of each month: to be looked at."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agents.brand_admin import LedgerAdmin, OneOfMine
from agents.filter_admin import Days
from loyalty.models import Referral, StatementRun


@admin.register(Referral)
class ReferralAdmin(LedgerAdmin):
    list_display = ["referrer", "friend", "state", "why", "order", "way", "by", "recorded_at", "decided_at"]
    list_filter = [("brand", OneOfMine), "state", ("recorded_at", Days)]
    list_select_related = ["referrer", "friend", "order", "by"]
    search_fields = ["referrer__number__exact", "friend__number__exact"]
    search_help_text = _("The account’s number of either.")


@admin.register(StatementRun)
class StatementRunAdmin(LedgerAdmin):
    list_display = ["__str__", "programme", "letters", "begun_at", "done_at"]
    list_filter = [("brand", OneOfMine)]
    list_select_related = ["programme"]
    search_fields = ["programme__name"]
