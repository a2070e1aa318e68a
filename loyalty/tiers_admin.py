"""The supervisors' pages on tiers: their versions, drafted and published, and the history of who held which."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from unfold.admin import TabularInline

from agents.brand_admin import LedgerAdmin, OfBrandAdmin, OneOfMine, reader
from agents.filter_admin import Days
from loyalty import services
from loyalty.models import Benefit, BenefitUse, Criterion, Tier, TierChange, TierFloor, TierSet


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
        return False


@admin.register(TierSet)
class TierSetAdmin(OfBrandAdmin):
    """A version is made as a draft, gets its criteria, and is published: from then on it only can be looked at."""

    list_display = ["programme", "version", "window", "in_force_from", "published_at", "review", "refunds"]
    list_filter = [("programme", OneOfMine)]
    list_select_related = ["programme"]
    ordering = ["programme", "-version"]
    fixed_fields = ["programme"]
    fields = [
        "programme", "in_force_from", "window", "months", "year_month", "year_day", "needs", "review", "grace_days",
        "refunds", "refund_days",
    ]  # fmt: skip
    inlines = [CriterionInline]

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
    list_display = ["account", "tier", "cause", "reason", "starts_at", "ends_at", "set_by"]
    list_filter = [("programme", OneOfMine), "cause"]
    list_select_related = ["account", "tier", "set_by"]


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
