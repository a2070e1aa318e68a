"""The supervisors' pages on what is done by itself: rules, what they did, and macros."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from agents.brand_admin import LookInline, OfBrandAdmin, OfBrandForm, OneOfMine, reader
from agents.filter_admin import Days
from contactcenter.errors import Refused
from tickets import conditions, placeholders, services
from tickets.actions import ACTIONS, read
from tickets.core_admin import OfTicketAdmin
from tickets.facts import words_of
from tickets.models import Macro, Rule, RuleRun, RuleVersion
from tickets.rows_admin import RowsInput, offered
from tickets.services.trying import told

AS_TEXT = gettext_lazy("For who writes it as text")
SHOWN = 50  # of the tickets that a dry run has found


class DeedsForm(OfBrandForm):
    """Something with a list of actions; they are read for its brand before it is saved."""

    only_macros = False
    rows: Sequence[str] = ("actions",)  # the fields that show themselves as rows

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields.get("brand")
        brands = chosen.queryset if chosen else [self.instance.brand]
        for name in self.rows:
            if name in self.fields:
                self.fields[name].widget = RowsInput()
                self.fields[name].widget.offer(name, offered(name, brands, macro=self.only_macros))

    def brand(self) -> Any:
        return self.cleaned_data.get("brand") or getattr(self.instance, "brand", None)

    def clean_actions(self) -> Any:
        written = self.cleaned_data["actions"] or []
        if brand := self.brand():
            try:
                read(written, brand, macro=self.only_macros)
            except Refused as refusal:
                raise forms.ValidationError(refusal.sentence) from refusal
        return written


class RuleForm(DeedsForm):
    rows = ("conditions", "actions")

    def clean_conditions(self) -> Any:
        written, brand = self.cleaned_data["conditions"] or {}, self.brand()
        if not brand:
            return written
        try:
            return services.checked_conditions(written, brand)
        except Refused as refusal:
            raise forms.ValidationError(refusal.sentence) from refusal

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("is_active") and self.instance.live_id is None:
            self.add_error("is_active", _("Publish a version of it first."))
        return cleaned


class VersionInline(LookInline):
    model = RuleVersion
    show_change_link = False
    fields = ["number", "event", "conditions", "actions", "stop", "made_by", "made_at"]


def _listed(lines: Any) -> SafeString:
    return format_html_join("\n", "<p><code>{}</code> {}</p>", lines)


@admin.register(Rule)
class RuleAdmin(OfBrandAdmin):
    """What is saved here is a draft; it is in force from its own page on, where it is tried first."""

    form = RuleForm
    list_display = ["name", "brand", "position", "is_active", "event", "live"]
    list_filter = [("brand", OneOfMine), "is_active", "event"]
    list_select_related = ["brand", "live"]
    search_fields = ["name"]
    ordering = ["brand", "position", "pk"]
    fixed_fields = ["brand"]
    readonly_fields = ["reads_as", "facts", "deeds"]
    fieldsets = [
        (None, {"fields": [
            "brand", "name", "position", "is_active", "event", "conditions", "actions", "stop", "reads_as",
        ]}),
        (AS_TEXT, {"classes": ["collapse"], "fields": ["facts", "deeds"]}),
    ]  # fmt: skip
    inlines = [VersionInline]
    actions_detail = ["try_it"]

    @admin.display(description=gettext_lazy("It reads"))
    def reads_as(self, rule: Rule) -> str:
        if not rule.pk:
            return "–"
        try:
            known = words_of(rule.brand)
            said = conditions.explained(conditions.checked(rule.conditions, known), known)
            deeds = "; ".join(told(rule.actions, rule.brand))
            words = {"event": rule.get_event_display(), "condition": said, "actions": deeds}
            return _("When %(event)s, and %(condition)s: %(actions)s.") % words
        except (Refused, conditions.Wrong) as wrong:
            return str(wrong)

    @admin.display(description=gettext_lazy("Facts"))
    def facts(self, rule: Rule) -> SafeString:
        """What may stand in conditions, with an example first."""
        example = (
            '{"all": [{"fact": "tier", "op": "at_least", "value": "gold"}, {"not": {"fact": "assigned", …}}]}'
        )
        rows = ((name, f"{fact.label}: {_operators(fact)}") for name, fact in conditions.FACTS.items())
        return _listed([(example, ""), *rows])

    @admin.display(description=gettext_lazy("What can be done"))
    def deeds(self, rule: Rule) -> SafeString:
        return deeds_known(macro=False)

    def has_publish_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.has_change_permission(request)

    @action(
        description=gettext_lazy("Try it, publish it"),
        permissions=["view", "publish"],
        url_path="try",
        icon="play_circle",
    )
    def try_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Which of the last 1,000 tickets the draft fits and what would be done; with POST it comes into force."""
        rule = self.get_object(request, object_id)
        if rule is None:
            raise Http404
        back = reverse("admin:tickets_rule_change", args=[rule.pk])
        try:
            if request.method == "POST":
                version = services.publish_rule(rule, by=reader(request))
                said = _("Version %(number)d of %(rule)s is in force.") % {
                    "number": version.number,
                    "rule": rule,
                }
                self.message_user(request, said, messages.SUCCESS)
                return HttpResponseRedirect(back)
            run = services.dry_run(rule)
        except Refused as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": rule,
            "title": _("Try %s") % rule,
            "run": run,
            "shown": run.fitting[:SHOWN],
            "back": back,
        }
        return TemplateResponse(request, "admin/tickets/rule/try.html", context)


def _operators(fact: conditions.Fact) -> str:
    values = fact.choices if isinstance(fact.choices, dict) else {}
    known = ", ".join(str(key) for key in values)
    return " · ".join(filter(None, [", ".join(conditions.OPERATORS[fact.kind]), known]))


def deeds_known(*, macro: bool) -> SafeString:
    """The codes of actions and their parameters, for whoever writes them."""
    known = [one for one in ACTIONS.values() if not (macro and one.only_rules)]
    rows = ((one.code, f"{one.label}: {', '.join(one.form.base_fields) or '–'}") for one in known)
    return _listed([('[{"do": "tag", "name": "late"}, {"do": "hand_back"}]', ""), *rows])


@admin.register(RuleRun)
class RuleRunAdmin(OfTicketAdmin):
    list_display = ["at", "rule", "version", "ticket", "event", "outcome", "sentence", "depth"]
    list_filter = [("brand", OneOfMine), "outcome", "event", ("at", Days)]
    list_select_related = ["rule", "version", "ticket__brand"]


class MacroForm(DeedsForm):
    only_macros = True

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if wrong := placeholders.refusal(text):
            raise forms.ValidationError(wrong)
        return text

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        team, brand = cleaned.get("team"), self.brand()
        if team and brand and team.brand_id != brand.pk:
            self.add_error("team", _("This belongs to another brand than %s.") % brand)
        return cleaned


@admin.register(Macro)
class MacroAdmin(OfBrandAdmin):
    form = MacroForm
    list_display = ["title", "brand", "team", "shortcut", "is_active", "used"]
    list_filter = [("brand", OneOfMine), "is_active"]
    list_select_related = ["brand", "team"]
    search_fields = ["title", "shortcut"]
    ordering = ["brand", "title"]
    fixed_fields = ["brand"]
    readonly_fields = ["used", "names", "deeds"]
    fieldsets = [
        (None, {"fields": ["brand", "team", "title", "shortcut", "text", "names", "actions", "is_active", "used"]}),
        (AS_TEXT, {"classes": ["collapse"], "fields": ["deeds"]}),
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("Placeholders"))
    def names(self, macro: Macro) -> SafeString:
        return _listed((f"{{{name}}}", said) for name, said in placeholders.NAMES.items())

    @admin.display(description=gettext_lazy("What can be done"))
    def deeds(self, macro: Macro) -> SafeString:
        return deeds_known(macro=True)
