"""The supervisors' pages on what goes out by itself and what comes back: first answers, the one question, experts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from agents.brand_admin import LookInline, OfBrandAdmin, OfBrandForm, OneOfMine
from agents.filter_admin import Asked, Days
from tickets.acknowledging import unknown_in
from tickets.core_admin import OfTicketAdmin
from tickets.models import AcknowledgementText, Consult, ConsultWord, Survey, SurveyRule
from tickets.models.feedback import BAD, GOOD
from tickets.services import BAD_STEPS


class AcknowledgementTextForm(OfBrandForm):
    """Words with places in which something is put; a place that nothing is put in is told at once."""

    def clean_language(self) -> str:
        return str(self.cleaned_data["language"]).strip().lower()

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        if unknown := unknown_in(text):
            raise forms.ValidationError(_("Nothing is ever put in {%s}.") % "}, {".join(unknown))
        return text


@admin.register(AcknowledgementText)
class AcknowledgementTextAdmin(OfBrandAdmin):
    form = AcknowledgementTextForm
    list_display = ["language", "brand", "beginning"]
    list_filter = [("brand", OneOfMine)]
    list_select_related = ["brand"]
    search_fields = ["language__istartswith"]
    fixed_fields = ["brand"]

    @admin.display(description=gettext_lazy("text"))
    def beginning(self, row: AcknowledgementText) -> str:
        return " ".join(row.text.split())[:80]


class SurveyRuleForm(OfBrandForm):
    """A brand's rule; what a bad answer brings is one of the steps that the rooms offer."""

    on_bad = forms.ChoiceField(
        choices=lambda: [(code, step.label) for code, step in BAD_STEPS.items()],
        widget=UnfoldAdminSelectWidget,
        label=gettext_lazy("A bad answer brings"),
    )


@admin.register(SurveyRule)
class SurveyRuleAdmin(OfBrandAdmin):
    form = SurveyRuleForm
    list_display = ["brand", "share_percent", "hours_after", "days_between", "on_bad"]
    list_filter = [("brand", OneOfMine)]
    list_select_related = ["brand"]
    search_fields = ["brand__code__exact"]
    search_help_text = gettext_lazy("The brand’s code.")
    fixed_fields = ["brand"]


class How(Asked):
    title = gettext_lazy("answer")
    parameter_name = "how"
    answers = {
        "good": (gettext_lazy("Good"), lambda rows: rows.filter(state="answered", score__gte=GOOD)),
        "bad": (gettext_lazy("Bad"), lambda rows: rows.filter(state="answered", score__lte=BAD)),
    }


@admin.register(Survey)
class SurveyAdmin(OfTicketAdmin):
    """What was asked and answered, with the share of good answers among those the filters leave."""

    list_display = [
        "ticket",
        "state",
        "score",
        "comment_begins",
        "agent",
        "queue",
        "asked_at",
        "answered_at",
        "why_not",
    ]
    list_filter = [
        ("brand", OneOfMine), ("queue", OneOfMine), ("agent", OneOfMine), How, "state", "score",
        ("asked_at", Days), ("answered_at", Days),
    ]  # fmt: skip
    list_select_related = ["ticket__brand", "agent", "queue"]
    readonly_preprocess_fields = {"comment": linebreaksbr}
    list_before_template = "admin/tickets/survey/share.html"

    @admin.display(description=gettext_lazy("comment"))
    def comment_begins(self, row: Survey) -> str:
        return " ".join(row.comment[:200].split())[:60]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            rows: QuerySet[Any] = response.context_data["cl"].queryset
            good, answers = rows.order_by().share_of_good()  # type: ignore[attr-defined]
            share = round(100 * good / answers) if answers else None
            response.context_data |= {"good": good, "answers": answers, "share": share}
        return response


class ConsultWordInline(LookInline):
    model = ConsultWord
    show_change_link = False
    fields = ["at", "kind", "author", "sender", "text", "state", "last_error"]


@admin.register(Consult)
class ConsultAdmin(OfTicketAdmin):
    list_display = ["ticket", "expert", "state", "asked_by", "asked_at", "ended_at"]
    list_filter = [("brand", OneOfMine), "state", ("asked_at", Days)]
    list_select_related = ["ticket__brand", "asked_by"]
    readonly_preprocess_fields = {"question": linebreaksbr, "shown": linebreaksbr}
    inlines = [ConsultWordInline]


@admin.register(ConsultWord)
class ConsultWordAdmin(OfTicketAdmin):
    list_display = ["consult", "kind", "author", "sender", "state", "at"]
    list_filter = [("consult__brand", OneOfMine), "kind", "state", ("at", Days)]
    list_select_related = ["consult", "author"]
    readonly_preprocess_fields = {"text": linebreaksbr}
    ticket_path = "consult__ticket"
