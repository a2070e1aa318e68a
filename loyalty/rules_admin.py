"""The supervisors' pages on earning: rules, their versions, campaigns. What is live is only looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from agents.brand_admin import LedgerAdmin, OfBrandAdmin, OneOfMine, reader
from agents.filter_admin import Days
from contactcenter.errors import Refused
from loyalty import services
from loyalty.models import Campaign, EarningRule, PendingGrant, RuleVersion


@admin.register(EarningRule)
class EarningRuleAdmin(OfBrandAdmin):
    list_display = ["name", "programme", "event", "code"]
    list_filter = [("programme", OneOfMine), "event"]
    list_select_related = ["programme"]
    search_fields = ["name", "code"]
    ordering = ["programme", "code"]
    fixed_fields = ["programme", "code", "event"]  # entries of the ledger name the code


class LiveForm(forms.Form):
    """That a draft is to count from now on."""


class FromForm(LiveForm):
    """From when on it counts."""

    valid_from = forms.SplitDateTimeField(
        label=gettext_lazy("Valid from"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text=gettext_lazy("Left empty: from now on."),
    )


class DraftAdmin(OfBrandAdmin):
    """Rows that are drafted, set to live on a page of their own, and never changed from then on."""

    live_form = LiveForm
    set_live: Callable[..., Any]  # the service that does it

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.live_at is None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_live_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return super().has_change_permission(request)

    @action(
        description=gettext_lazy("Try it, set it to live"),
        permissions=["view", "live"],
        url_path="live",
        icon="play_circle",
    )
    def ask_live(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what a draft would do, and set it to live when that is confirmed."""
        draft = self.get_object(request, object_id)
        if draft is None:
            raise Http404
        back = reverse(f"admin:loyalty_{self.opts.model_name}_change", args=[draft.pk])
        form = self.live_form(request.POST if request.method == "POST" else None)
        if form.is_valid() and self._is_live(request, draft, form):
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": draft,
            "title": _("Set %s to live") % draft,
            "form": form,
            "back": back,
            **self.effect(draft),
        }
        return TemplateResponse(request, "admin/loyalty/live.html", context)

    def effect(self, draft: Any) -> dict[str, Any]:
        """What the page says of what the draft would do."""
        return {}

    def _is_live(self, request: HttpRequest, draft: Any, form: LiveForm) -> bool:
        try:
            self.set_live(draft, by=reader(request), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            return False
        self.message_user(request, _("%s is live; it can no longer be changed.") % draft, messages.SUCCESS)
        return True


@admin.register(RuleVersion)
class RuleVersionAdmin(DraftAdmin):
    list_display = ["rule", "number", "programme", "points_per_unit", "bonus", "valid_from", "live_at"]
    list_filter = [("rule", OneOfMine)]
    list_select_related = ["rule__programme"]
    search_fields = ["rule__name"]
    ordering = ["rule", "-number"]
    fixed_fields = ["rule"]
    readonly_fields = ["number", "valid_from", "live_at", "live_by"]
    actions_detail = ["ask_live"]
    live_form = FromForm
    set_live = staticmethod(services.go_live)

    def effect(self, draft: RuleVersion) -> dict[str, Any]:
        run = services.dry_run(draft)
        return {"run": run, "tiers": sorted(run.tiers.items()) if run else []}

    @admin.display(description=gettext_lazy("Programme"))
    def programme(self, version: RuleVersion) -> str:
        return str(version.rule.programme)

    def save_model(self, request: HttpRequest, obj: RuleVersion, form: Any, change: bool) -> None:
        """A new version is drafted by its service, which numbers it."""
        if change:
            obj.save(update_fields=form.changed_data)
            return
        terms = {name: getattr(obj, name) for name in services.TERMS}
        made = services.draft_version(obj.rule, by=reader(request), **terms)
        obj.pk, obj.number = made.pk, made.number


@admin.register(Campaign)
class CampaignAdmin(DraftAdmin):
    list_display = ["name", "rule", "starts_at", "ends_at", "percent", "bonus", "live_at"]
    list_filter = [("rule", OneOfMine)]
    list_select_related = ["rule"]
    search_fields = ["name", "code"]
    ordering = ["-starts_at"]
    fixed_fields = ["rule"]
    readonly_fields = ["live_at", "live_by"]
    actions_detail = ["ask_live", "stop"]
    set_live = staticmethod(services.start_campaign)

    @action(
        description=gettext_lazy("End it now"),
        permissions=["view", "live"],
        url_path="stop",
        icon="stop_circle",
    )
    def stop(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask whether the campaign is to end now, and end it."""
        campaign = self.get_object(request, object_id)
        if campaign is None:
            raise Http404
        back = reverse("admin:loyalty_campaign_change", args=[campaign.pk])
        if request.method == "POST":
            try:
                services.stop_campaign(campaign, by=reader(request))
            except Refused as refusal:
                self.message_user(request, refusal.sentence, messages.ERROR)
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": campaign,
            "title": _("End %s now") % campaign,
            "back": back,
        }
        return TemplateResponse(request, "admin/loyalty/live.html", context)


@admin.register(PendingGrant)
class PendingGrantAdmin(LedgerAdmin):
    list_display = ["account", "source", "granted", "points", "state", "occurred_at", "matures_at"]
    list_filter = [("account__brand", OneOfMine), "state", ("matures_at", Days)]
    list_select_related = ["account"]
    search_fields = ["account__number__exact"]
    search_help_text = gettext_lazy("The account’s number.")
