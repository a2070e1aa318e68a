"""The supervisors' pages on how a brand promises and keeps its callbacks: policy, quiet hours, retries, follow-ups."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminURLInputWidget

from agents.brand_admin import OfBrandAdmin, OfBrandForm, OneOfMine
from callbacks.links import request_link
from callbacks.models import CallbackPolicy, ContactHours, FollowUp, Line, QuietHours, RetryRule
from customers.core_admin import OfCustomerAdmin


class OwnRowsForm(OfBrandForm):
    """A form whose `own_rows` are of the brand of its row."""

    own_rows: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        brand = cleaned.get("brand") or (self.instance.brand if self.instance.brand_id else None)
        for name in self.own_rows:
            row = cleaned.get(name)
            if brand and row and row.brand_id != brand.pk:
                self.add_error(name, _("This belongs to another brand than %s.") % brand)
        return cleaned


class CallbackPolicyForm(OwnRowsForm):
    own_rows = ("calendar", "team")
    video_url = forms.URLField(
        assume_scheme="https",
        required=False,
        widget=UnfoldAdminURLInputWidget,
        label=gettext_lazy("Video address"),
        help_text=CallbackPolicy._meta.get_field("video_url").help_text,
    )


@admin.register(CallbackPolicy)
class CallbackPolicyAdmin(OfBrandAdmin):
    """A brand without a row goes by what a new row says."""

    form = CallbackPolicyForm
    list_display = [
        "brand", "calendar", "team", "per_quarter", "offer_seconds", "owner_minutes", "team_minutes", "dialler",
        "takes_requests",
    ]  # fmt: skip
    list_filter = [("brand", OneOfMine), "dialler"]
    list_select_related = ["brand", "calendar", "team"]
    search_fields = ["brand__name"]
    fixed_fields = ["brand"]
    readonly_fields = ["request_page"]
    fieldsets: Any = [
        (None, {"fields": ["brand", "calendar", "team", "per_quarter"]}),
        (gettext_lazy("Who calls"), {"fields": ["offer_seconds", "owner_minutes", "team_minutes"]}),
        (gettext_lazy("Who is told before"), {"fields": ["remind_minutes", "reminds_customers"]}),
        (gettext_lazy("How it is called"), {"fields": ["dialler", "video_url"]}),
        (gettext_lazy("Request page"), {"fields": ["takes_requests", "request_page"]}),
        (
            gettext_lazy("Staffing"),
            {"fields": ["handling_minutes", "answer_percent", "answer_seconds"]},
        ),
        (
            gettext_lazy("Points and tiers about to be lost"),
            {"fields": ["saves_points_from", "saves_tiers", "saves_a_day", "saves_days_between"]},
        ),
    ]

    @admin.display(description=gettext_lazy("its address"))
    def request_page(self, policy: CallbackPolicy) -> str:
        """Where anybody asks this brand for a call; of a policy that is not saved yet, nothing."""
        if not policy.brand_id:
            return "–"
        link = request_link(policy.brand)
        return format_html('<a class="link" href="{}">{}</a>', link, _("Open the page, or copy this address"))


class QuietHoursForm(OfBrandForm):
    """Days as days, and the country as the world writes it."""

    closed_weekdays = forms.TypedMultipleChoiceField(
        choices=ContactHours.Weekday.choices,
        coerce=int,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        label=gettext_lazy("Days without calls"),
    )

    def clean_country(self) -> str:
        country: str = self.cleaned_data["country"].upper()
        if country and not (country.isascii() and country.isalpha() and len(country) == 2):
            raise forms.ValidationError(_("Two letters, as in DE or US."))
        return country


@admin.register(QuietHours)
class QuietHoursAdmin(OfBrandAdmin):
    form = QuietHoursForm
    list_display = ["where", "brand", "opens", "closes", "days"]
    list_filter = [("brand", OneOfMine)]
    list_select_related = ["brand"]
    search_fields = ["country", "brand__name"]
    search_help_text = gettext_lazy("Two letters of a country, or the brand.")
    fixed_fields = ["brand", "country"]

    @admin.display(description=gettext_lazy("country"))
    def where(self, hours: QuietHours) -> str:
        return hours.country or _("all others")

    @admin.display(description=gettext_lazy("days without calls"))
    def days(self, hours: QuietHours) -> str:
        names = dict(ContactHours.Weekday.choices)
        return ", ".join(str(names[day]) for day in hours.closed_weekdays if day in names) or "–"


@admin.register(RetryRule)
class RetryRuleAdmin(OfBrandAdmin):
    """An outcome without a row is tried again as shipped."""

    list_display = ["outcome", "brand", "after_minutes", "times", "other_hour"]
    list_filter = [("brand", OneOfMine), "outcome"]
    list_select_related = ["brand"]
    search_fields = ["outcome", "brand__name"]
    fixed_fields = ["brand", "outcome"]


class FollowUpForm(OwnRowsForm):
    own_rows = ("contact_reason",)


@admin.register(FollowUp)
class FollowUpAdmin(OfBrandAdmin):
    """A brand without any row proposes the shipped ones."""

    form = FollowUpForm
    list_display = ["about", "brand", "sign", "contact_reason", "after_hours", "is_active"]
    list_filter = [("brand", OneOfMine), "sign", "is_active"]
    list_select_related = ["brand", "contact_reason"]
    search_fields = ["about"]
    fixed_fields = ["brand"]


@admin.register(Line)
class LineAdmin(OfBrandAdmin):
    list_display = ["agent", "address"]
    list_filter = [("agent__brands", OneOfMine)]
    list_select_related = ["agent"]
    search_fields = ["agent__name", "agent__email"]
    autocomplete_fields = ["agent"]
    fixed_fields = ["agent"]
    ordering = ["agent__name"]


@admin.register(ContactHours)
class ContactHoursAdmin(OfCustomerAdmin):
    list_display = ["customer", "brand", "weekday", "opens", "closes"]
    list_filter = [("brand", OneOfMine), "weekday"]
