"""The supervisors' pages on what was promised: every promise with its whole life, and every try to keep it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.utils.translation import gettext_lazy as _

from agents.brand_admin import LookInline, OneOfMine
from agents.export_admin import ExportAdmin, Sheet
from agents.filter_admin import Asked, Days
from callbacks import setup_admin  # noqa: F401  its classes register themselves
from callbacks.board import COLUMNS
from callbacks.board_admin import BoardAdmin
from callbacks.directing_admin import DirectingAdmin
from callbacks.models import Attempt, Callback, CallbackEvent
from callbacks.report_admin import KeptAdmin
from callbacks.saying import told_of
from callbacks.staffing_admin import StaffingAdmin
from contactcenter import clock
from customers.core_admin import OfCustomerAdmin, as_address
from tickets.admin import REFERENCE_OR_ADDRESS
from tickets.core_admin import OfTicketAdmin
from tickets.models import Ticket


class OfPromiseInline(LookInline):
    """What belongs to a promise, each line with who did it."""

    hide_title = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by")


class AttemptInline(OfPromiseInline):
    model = Attempt
    verbose_name_plural = _("tries to reach them")
    fields = ["outcome", "by", "at", "dialler", "answered_at", "hung_up_at", "fell_back", "note"]


class CallbackEventInline(OfPromiseInline):
    model = CallbackEvent
    verbose_name_plural = _("its life")
    fields = ["at", "kind", "actor", "by", "told"]
    readonly_fields = ["told"]

    @admin.display(description=_("what changed"))
    def told(self, event: CallbackEvent) -> str:
        return told_of(event)


class Promise(Asked):
    title = _("promise")
    parameter_name = "promise"
    answers = {
        "open": (_("Still to keep"), lambda promises: promises.open()),
        "work": (_("To be kept now"), lambda promises: promises.at_work()),
        "overdue": (_("Its window is over"), lambda promises: promises.overdue(clock.now())),
        "late": (_("Late, or kept late"), lambda promises: promises.late(clock.now())),
    }


def _in_states(states: Sequence[str]) -> Callable[[Any], Any]:
    return lambda promises: promises.filter(state__in=states)


class OnBoard(Asked):
    title = _("column of the board")
    parameter_name = "board"
    answers = {code: (words, _in_states(states)) for code, (words, states) in COLUMNS.items()}


class CallbackSheet(Sheet):
    class Meta:
        model = Callback
        fields = [
            "id", "brand__code", "kind", "channel", "source", "reason", "topic__label", "state", "priority",
            "customer__id", "customer__name", "ticket__number", "owner__name", "team__name", "window_from",
            "window_to", "promised_to", "zone", "promised_at", "called_at", "tries", "ended_at",
        ]  # fmt: skip


@admin.register(Callback)
class CallbackAdmin(BoardAdmin, KeptAdmin, StaffingAdmin, DirectingAdmin, ExportAdmin, OfCustomerAdmin):
    """Promises of the brands one serves."""

    sheet = CallbackSheet
    list_display = [
        "reason", "state", "customer", "brand", "owner", "team", "window_from", "window_to", "tries", "source",
        "ticket",
    ]  # fmt: skip
    list_filter = [
        ("brand", OneOfMine),
        Promise,
        OnBoard,
        "state",
        ("team", OneOfMine),
        ("owner", OneOfMine),
        "source",
        "channel",
        "kind",
        ("window_from", Days),
    ]
    list_select_related = ["brand", "customer", "owner", "team", "ticket__brand"]
    search_help_text = REFERENCE_OR_ADDRESS
    actions_list = ["board", "kept", "staffing"]
    inlines = [CallbackEventInline, AttemptInline]
    readonly_preprocess_fields = {"notes": linebreaksbr}
    fieldsets: Any = [
        (
            None,
            {
                "fields": [
                    "state", "brand", "customer", "ticket", "contact_point", "kind", "channel", "reason", "notes",
                    "topic", "priority", "source",
                ]
            },
        ),
        (_("When"), {"fields": ["window_from", "window_to", "promised_to", "zone", "look_at"]}),
        (_("Who"), {"fields": ["owner", "team", "offered_to", "offer_until", "escalated_at"]}),
        (
            _("How it went"),
            {"fields": ["due_since", "called_at", "tries", "ended_at", "reminded_at", "follows", "makes_up"]},
        ),
        (_("Promised"), {"fields": ["promised_by", "promised_at"]}),
    ]  # fmt: skip
    readonly_fields = ["makes_up"]

    @admin.display(description=_("made up for by"))
    def makes_up(self, callback: Callback) -> str:
        found = Callback.objects.filter(follows=callback).first()
        return f"{found} ({found.get_state_display()})" if found else "–"

    def found(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        if as_address(words):
            return super().found(rows, words)
        return rows.filter(ticket__in=Ticket.objects.all().referred_to_by(words))


@admin.register(Attempt)
class AttemptAdmin(OfTicketAdmin):
    list_display = ["callback", "outcome", "by", "at", "dialler", "answered_at", "hung_up_at", "note"]
    list_filter = [("callback__brand", OneOfMine), "outcome", "dialler", ("at", Days)]
    list_select_related = ["callback", "by"]
    ticket_path = "callback__ticket"


@admin.register(CallbackEvent)
class CallbackEventAdmin(OfTicketAdmin):
    """The log of all promises: what happened when, by whom."""

    list_display = ["callback", "kind", "actor", "by", "at", "told"]
    list_filter = [("callback__brand", OneOfMine), "kind", "actor", ("at", Days)]
    list_select_related = ["callback", "by"]
    ticket_path = "callback__ticket"
    readonly_fields = ["told"]

    @admin.display(description=_("what changed"))
    def told(self, event: CallbackEvent) -> str:
        return told_of(event)
