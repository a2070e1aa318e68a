"""The supervisors' pages on time: calendars, what is promised within which time, and how the clocks stand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import TimeField
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from agents.brand_admin import LedgerAdmin, LookInline, OfBrandAdmin, OfBrandForm, OneOfMine
from agents.filter_admin import Days
from contactcenter.errors import Refused
from tickets import services
from tickets.core_admin import OfTicketAdmin, SetUpInline
from tickets.models import Calendar, Clock, ClockFact, HoursVersion, Opening, SlaPolicy, SpecialDay


class TimesInline(SetUpInline):
    """Rows of a calendar: whoever may change it may change its times, and take them out."""

    set_up_by = "tickets.change_calendar"
    can_delete = True
    # The admin's own field of time warns of the reader's zone; these are times on the calendar's clock.
    formfield_overrides = {TimeField: {"widget": UnfoldAdminTextInputWidget(attrs={"type": "time"})}}


class OpeningInline(TimesInline):
    model = Opening


class SpecialDayInline(TimesInline):
    model = SpecialDay


@admin.register(Calendar)
class CalendarAdmin(OfBrandAdmin):
    """What is saved is in force at once; what nobody could be there by is saved, and is not."""

    list_display = ["name", "brand", "time_zone", "country", "subdivision", "in_force"]
    list_filter = [("brand", OneOfMine)]
    list_select_related = ["brand"]
    search_fields = ["name"]
    fixed_fields = ["brand"]
    inlines = [OpeningInline, SpecialDayInline]

    @admin.display(boolean=True, description=gettext_lazy("in force"))
    def in_force(self, calendar: Calendar) -> bool:
        return calendar.hours_id is not None

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        try:
            services.publish(form.instance)
        except Refused as refusal:
            words = _("Saved, and not in force: %s What counted before counts on.") % refusal.sentence
            self.message_user(request, words, messages.WARNING)


class SlaPolicyForm(OfBrandForm):
    """A policy; its queues, calendar and tier are of its brand."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        brand = cleaned.get("brand") or getattr(self.instance, "brand", None)
        for name in ("queue", "calendar", "escalate_to"):
            if brand and (row := cleaned.get(name)) and row.brand_id != brand.pk:
                self.add_error(name, _("This belongs to another brand than %s.") % brand)
        tier, calendar = cleaned.get("tier_from"), cleaned.get("calendar")
        if brand and tier and tier.programme.brand_id != brand.pk:
            self.add_error("tier_from", _("This belongs to another brand than %s.") % brand)
        if calendar and calendar.hours_id is None:
            self.add_error("calendar", _("By this calendar nobody is ever there. Give it openings first."))
        return cleaned


@admin.register(SlaPolicy)
class SlaPolicyAdmin(OfBrandAdmin):
    form = SlaPolicyForm
    list_display = [
        "name", "brand", "position", "is_active", "queue", "priority", "tier_from", "channel", "calendar",
        "first_minutes", "next_minutes", "resolution_minutes",
    ]  # fmt: skip
    list_filter = [("brand", OneOfMine), "is_active"]
    list_select_related = ["brand", "queue", "tier_from", "calendar"]
    search_fields = ["name"]
    ordering = ["brand", "position"]
    fixed_fields = ["brand"]


@admin.register(HoursVersion)
class HoursVersionAdmin(LedgerAdmin):
    search_fields = ["brand__code__exact"]
    search_help_text = gettext_lazy("The brand’s code.")
    list_display = ["id", "brand", "made_at"]
    list_filter = [("brand", OneOfMine), ("made_at", Days)]
    list_select_related = ["brand"]


class ClockFactInline(LookInline):
    model = ClockFact
    show_change_link = False
    fields = ["seq", "kind", "at", "target", "hours"]


@admin.register(Clock)
class ClockAdmin(OfTicketAdmin):
    list_display = ["ticket", "kind", "policy", "due_at", "used", "target", "breached_at", "was_met"]
    list_filter = [("ticket__brand", OneOfMine), "kind", ("breached_at", Days)]
    list_select_related = ["ticket__brand", "policy"]
    inlines = [ClockFactInline]


@admin.register(ClockFact)
class ClockFactAdmin(OfTicketAdmin):
    list_display = ["clock", "seq", "kind", "at", "target"]
    list_filter = [("clock__ticket__brand", OneOfMine), "kind", ("at", Days)]
    list_select_related = ["clock"]
    ticket_path = "clock__ticket"
