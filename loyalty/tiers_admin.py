"""The supervisors' pages on tiers: their versions, drafted and published, and the history of who held which."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.forms import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from agents.brand_admin import LedgerAdmin, OfBrandAdmin, OneOfMine, reader
from agents.filter_admin import Days
from contactcenter import clock
from contactcenter.errors import Refused
from loyalty import services
from loyalty.models import (
    Account,
    Benefit,
    BenefitUse,
    Criterion,
    GivenBenefit,
    Tier,
    TierChange,
    TierFloor,
    TierSet,
)
from loyalty.services.tier_preview import preview


@admin.register(Tier)
class TierAdmin(OfBrandAdmin):
    list_display = ["name", "programme", "rank", "code"]
    list_filter = [("programme", OneOfMine)]
    list_select_related = ["programme"]
    search_fields = ["name"]
    ordering = ["programme", "rank"]
    fixed_fields = ["programme"]


class CriterionInline(TabularInline):
    """What each tier takes; editable as long as the version is a draft."""

    model = Criterion
    extra = 0
    hide_title = True
    fields = ["tier", "qualifying_points", "spend_minor", "orders"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).visible_to(reader(request)).select_related("tier")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        tiers = Tier.objects.visible_to(reader(request))
        match = request.resolver_match
        version = match.kwargs.get("object_id", "0") if match else "0"
        kwargs["queryset"] = tiers.filter(programme__tier_sets=version)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: TierSet | None = None) -> bool:
        return bool(obj and obj.is_draft) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: TierSet | None = None) -> bool:
        return bool(obj and obj.is_draft) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: TierSet | None = None) -> bool:
        """What a draft asks for may be taken out of it; of what is published nothing, as the database says too."""
        return self.has_change_permission(request, obj)


@admin.register(TierSet)
class TierSetAdmin(OfBrandAdmin):
    """A version is made as a draft, gets its criteria, and is published: from then on it only can be looked at."""

    list_display = ["programme", "version", "window", "in_force_from", "published_at", "review", "refunds"]
    list_filter = [("programme", OneOfMine)]
    list_select_related = ["programme"]
    search_fields = ["programme__name"]
    ordering = ["programme", "-version"]
    fixed_fields = ["programme"]
    fields = [
        "programme", "in_force_from", "window", "months", "year_month", "year_day", "needs", "review", "grace_days",
        "refunds", "refund_days",
    ]  # fmt: skip
    inlines = [CriterionInline]
    actions_detail = ["ask_publish"]

    @action(
        description=gettext_lazy("See who would move, publish"),
        permissions=["view", "publish"],
        url_path="publish",
        icon="moving",
    )
    def ask_publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show who would move, and publish the draft when that is confirmed."""
        version = self.get_object(request, object_id)
        if version is None:
            raise Http404
        back = reverse("admin:loyalty_tierset_change", args=[version.pk])
        if request.method == "POST":
            try:
                services.publish(version, by=reader(request))
                self.message_user(request, _("%s is published.") % version, messages.SUCCESS)
            except Refused as refusal:
                self.message_user(request, refusal.sentence, messages.ERROR)
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": version,
            "title": _("Who would move with %s") % version,
            "back": back,
            "preview": preview(version),
        }
        return TemplateResponse(request, "admin/loyalty/tierset/publish.html", context)

    def has_publish_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return super().has_change_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: TierSet | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_draft)

    def save_model(self, request: HttpRequest, obj: TierSet, form: Any, change: bool) -> None:
        if not change:
            obj.version = services.next_version(obj.programme)
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseInlineFormSet, change: bool) -> None:
        for row in formset.forms:
            row.instance.programme_id = form.instance.programme_id
        super().save_formset(request, form, formset, change)


@admin.register(Criterion)
class CriterionAdmin(LedgerAdmin):
    list_display = ["tier_set", "tier", "qualifying_points", "spend_minor", "orders"]
    list_filter = [("programme", OneOfMine)]
    list_select_related = ["tier_set__programme", "tier"]
    search_fields = ["tier__name", "tier__code"]


class OfAccountTiersAdmin(LedgerAdmin):
    """Rows of an account, found by its number."""

    list_filter: list[Any] = [("programme", OneOfMine)]
    list_select_related = ["account"]
    search_fields = ["account__number__exact"]


@admin.register(TierChange)
class TierChangeAdmin(OfAccountTiersAdmin):
    list_display = ["account", "from_tier", "to_tier", "cause", "effective_at", "valid_until", "actor"]
    list_filter = [("programme", OneOfMine), "cause", ("effective_at", Days)]
    list_select_related = ["account", "from_tier", "to_tier", "actor"]


@admin.register(TierFloor)
class TierFloorAdmin(OfAccountTiersAdmin):
    list_display = ["account", "tier", "cause", "reason", "starts_at", "ends_at", "set_by", "ended_by"]
    list_filter = [("programme", OneOfMine), "cause"]
    list_select_related = ["account", "tier", "set_by", "ended_by"]
    actions_detail = ["end_early"]

    @action(
        description=gettext_lazy("End it now"),
        permissions=["view", "set_tier"],
        url_path="end",
        icon="event_busy",
    )
    def end_early(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say what becomes of the tier, and let it hold no longer; a refusal is said as a message."""
        floor = self.get_object(request, object_id)
        if floor is None:
            raise Http404
        back = reverse("admin:loyalty_tierfloor_change", args=[floor.pk])
        if request.method == "POST":
            try:
                services.end_floor(floor, by=reader(request))
                account = Account.objects.select_related("tier").get(pk=floor.account_id)
                sentence = _("It has ended; %(account)s holds %(tier)s now.")
                sentence %= {"account": account, "tier": account.tier or _("no tier")}
                self.message_user(request, sentence, messages.SUCCESS)
            except Refused as refusal:
                self.message_user(request, refusal.sentence, messages.ERROR)
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": floor,
            "title": _("End the tier of %s that was set by hand") % floor.account,
            "back": back,
            "because": SetTierForm.REASONS.get(floor.reason, floor.reason),
            "last_day": floor.last_day,
            "is_over": floor.ends_at is not None and floor.ends_at <= clock.now(),
        }
        return TemplateResponse(request, "admin/loyalty/tierfloor/end.html", context)

    def has_set_tier_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("loyalty.set_tier")


@admin.register(Benefit)
class BenefitAdmin(OfBrandAdmin):
    list_display = ["name", "programme", "tier", "kind", "value", "per_year", "is_active"]
    list_filter = [("programme", OneOfMine), "kind", "is_active"]
    list_select_related = ["programme", "tier"]
    search_fields = ["name", "code"]
    ordering = ["programme", "tier__rank", "code"]
    fixed_fields = ["programme", "tier", "code", "kind"]


@admin.register(BenefitUse)
class BenefitUseAdmin(OfAccountTiersAdmin):
    list_display = ["account", "benefit", "used_at", "source", "actor"]
    list_filter = [("programme", OneOfMine), ("used_at", Days)]
    list_select_related = ["account", "benefit", "actor"]


@admin.register(GivenBenefit)
class GivenBenefitAdmin(OfAccountTiersAdmin):
    list_display = ["account", "benefit", "points", "starts_at", "ends_at", "taken_back_at", "by"]
    list_filter = [("programme", OneOfMine), ("starts_at", Days)]
    list_select_related = ["account", "benefit", "by"]


class SetTierForm(forms.Form):
    """Which tier a member is held on, how long, and why."""

    REASONS = {
        "partner": gettext_lazy("Partner or employee"),
        "status_match": gettext_lazy("Held such a tier elsewhere"),
        "made_good": gettext_lazy("Something of ours went wrong"),
        "life_event": gettext_lazy("Illness, birth or another pause"),
    }

    tier = forms.ModelChoiceField(
        label=gettext_lazy("Tier"), queryset=Tier.objects.none(), widget=UnfoldAdminSelectWidget
    )
    until = forms.DateField(label=gettext_lazy("Last day"), widget=UnfoldAdminSingleDateWidget)
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[("", gettext_lazy("Choose one")), *REASONS.items()],
        widget=UnfoldAdminSelectWidget,
    )
    key = forms.CharField(max_length=60, widget=forms.HiddenInput)  # a form sent twice sets it once


class SetsTiers(OfBrandAdmin):
    """The page of an account by which a member is held on a tier."""

    @action(
        description=gettext_lazy("Set the tier"),
        permissions=["view", "set_tier"],
        url_path="tier",
        icon="military_tech",
    )
    def set_tier(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for tier, day and reason, and set it; a refusal is said above the form."""
        account = self.get_object(request, object_id)
        if account is None:
            raise Http404
        back = reverse("admin:loyalty_account_change", args=[account.pk])
        form = SetTierForm(request.POST or None, initial={"key": str(uuid.uuid4())})
        form.fields["tier"].queryset = Tier.objects.filter(programme=account.programme_id)  # type: ignore[attr-defined]
        if form.is_valid() and self._is_set(request, account, form):
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": account,
            "title": _("Set the tier of %s") % account,
            "form": form,
            "back": back,
        }
        return TemplateResponse(request, "admin/loyalty/account/set_tier.html", context)

    def has_set_tier_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("loyalty.set_tier")

    def _is_set(self, request: HttpRequest, account: Account, form: SetTierForm) -> bool:
        asked = dict(form.cleaned_data)
        try:
            services.set_tier(
                account, asked.pop("tier"), by=reader(request), **asked | {"key": f"tier:{asked['key']}"}
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            return False
        self.message_user(request, _("The tier is set."), messages.SUCCESS)
        return True
