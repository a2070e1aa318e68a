"""The supervisors' page on rewards: the catalogue to set up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from agents.brand_admin import OfBrandAdmin, OfBrandForm, OneOfMine
from loyalty.models import Reward, Tier


class TierPricesField(forms.CharField):
    """Prices by tier as people write them: `gold 400, platinum 350`."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return ", ".join(f"{code} {points}" for code, points in value.items())
        return value

    def to_python(self, value: Any) -> Any:
        prices = {}
        for part in (super().to_python(value) or "").split(","):
            code, _blank, points = part.strip().rpartition(" ")
            if not part.strip():
                continue
            if not (code and points.isdecimal() and len(points) < 8 and int(points)):
                raise forms.ValidationError(_("Write a tier's code and its price: gold 400, platinum 350."))
            prices[code.strip()] = int(points)
        return prices

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial) != data


class RewardForm(OfBrandForm):
    tier_prices = TierPricesField(
        required=False,
        widget=UnfoldAdminTextInputWidget,
        label=gettext_lazy("Prices by tier"),
        help_text=gettext_lazy(
            "From a tier upwards, by its code: gold 400, platinum 350. Empty: one price for all."
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        programme = cleaned.get("programme") or (self.instance.programme if self.instance.pk else None)
        if programme:
            self.instance.brand_id = programme.brand_id
        known = set(Tier.objects.filter(programme=programme).values_list("code", flat=True))
        if unknown := set(cleaned.get("tier_prices") or {}) - known:
            names = ", ".join(sorted(unknown))
            self.add_error("tier_prices", _("The programme has no tier of the code %s.") % names)
        return cleaned


@admin.register(Reward)
class RewardAdmin(OfBrandAdmin):
    form = RewardForm
    list_display = [
        "name",
        "programme",
        "kind",
        "points",
        "stock",
        "is_active",
        "starts_at",
        "ends_at",
        "rank",
    ]
    list_filter = [("brand", OneOfMine), "kind", "is_active"]
    list_select_related = ["programme"]
    search_fields = ["name", "code"]
    exclude = ["brand"]  # that of the programme
    fixed_fields = ["programme", "code"]  # the ledger holds the code as the source of an entry
