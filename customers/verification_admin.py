"""The supervisors' pages on who callers are: what is asked of them, and what was found out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from agents.brand_admin import OfBrandAdmin, OfBrandForm, OneOfMine
from agents.filter_admin import Days
from customers.core_admin import OfCustomerAdmin
from customers.models import SentCode, Verification, VerificationPolicy
from customers.questions import QUESTIONS


class VerificationPolicyForm(OfBrandForm):
    """What a brand asks, the questions as those there are."""

    questions = forms.MultipleChoiceField(
        choices=lambda: [(code, question.words) for code, question in QUESTIONS.items()],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Compared by the system; none: whichever of them is known of the customer."),
    )


@admin.register(VerificationPolicy)
class VerificationPolicyAdmin(OfBrandAdmin):
    """A brand without a row asks what a new row says."""

    form = VerificationPolicyForm
    list_display = ["brand", "minutes", "see", "change", "redeem", "transfer", "adjust", "merge", "statement"]
    list_filter = [("brand", OneOfMine)]
    list_select_related = ["brand"]
    search_fields = ["brand__name"]
    fixed_fields = ["brand"]
    fieldsets: Any = [
        (None, {"fields": ["brand", "minutes", "codes_an_hour"]}),
        (_("Questions"), {"fields": ["questions", "right_answers", "own_questions"]}),
        (
            _("What has to be known before"),
            {"fields": ["see", "change", "redeem", "transfer", "adjust", "merge", "statement"]},
        ),
    ]


@admin.register(Verification)
class VerificationAdmin(OfCustomerAdmin):
    list_display = ["customer", "brand", "method", "level", "by", "at", "until", "conversation"]
    list_filter = [("brand", OneOfMine), "method", "level", ("at", Days)]
    list_select_related = ["brand", "customer", "by"]


@admin.register(SentCode)
class SentCodeAdmin(OfCustomerAdmin):
    list_display = ["customer", "brand", "contact_point", "state", "tries", "by", "asked_at", "until"]
    list_filter = [("brand", OneOfMine), "state", ("asked_at", Days)]
    list_select_related = ["brand", "customer", "contact_point", "by"]
    exclude = ["nonce"]
