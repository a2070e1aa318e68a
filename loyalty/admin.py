"""The supervisors' pages on points: programmes and tiers to set up, the ledger to look at, adjusting by its service."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from agents.brand_admin import LedgerAdmin, OneOfMine, reader
from agents.export_admin import ExportAdmin, Sheet
from agents.filter_admin import Days
from contactcenter.errors import Refused
from customers.core_admin import OfCustomerAdmin, as_address
from loyalty import (  # noqa: F401  their classes register themselves
    core_admin,
    given_admin,
    proof_admin,
    referral_admin,
    rewards_admin,
    rules_admin,
    services,
    tiers_admin,
)
from loyalty.deeds_admin import Freezes, MovesPoints
from loyalty.liability_admin import LiabilityAdmin
from loyalty.models import Account, Entry, Lot, LotExtension, LotUse, Programme
from loyalty.statement_admin import StatementAdmin


@admin.register(Programme)
class ProgrammeAdmin(LiabilityAdmin):
    actions_detail = ["liability"]
    ordering = ["name"]
    list_display = [
        "name",
        "brand",
        "validity_months",
        "goodwill_months",
        "point_value_minor",
    ]
    list_filter = [("brand", OneOfMine)]
    list_select_related = ["brand"]
    search_fields = ["name", "code"]
    fixed_fields = ["brand", "code"]  # account numbers carry the code

    def save_model(self, request: HttpRequest, obj: Programme, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            services.first_rule(obj, by=reader(request))


class AdjustForm(forms.Form):
    """By how many points a balance is corrected, and why."""

    REASONS = {
        "missing_order": gettext_lazy("An order was never counted"),
        "wrong_points": gettext_lazy("Points were counted wrongly"),
        "counted_twice": gettext_lazy("Points were counted twice"),
        "move_in": gettext_lazy("Points of an earlier programme"),
    }

    points = forms.IntegerField(
        label=gettext_lazy("Points"),
        min_value=-1_000_000,
        max_value=1_000_000,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("To give; with a minus, to take."),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[("", gettext_lazy("Choose one")), *REASONS.items()],
        widget=UnfoldAdminSelectWidget,
    )
    key = forms.UUIDField(widget=forms.HiddenInput)  # a form sent twice adjusts once


@admin.register(Account)
class AccountAdmin(tiers_admin.SetsTiers, Freezes, MovesPoints, StatementAdmin, OfCustomerAdmin):
    list_display = [
        "number",
        "customer",
        "brand",
        "tier",
        "balance",
        "held",
        "pending",
        "status",
        "next_expiry",
    ]
    list_filter = [("brand", OneOfMine), ("tier", OneOfMine), "status"]
    list_select_related = ["brand", "customer", "tier"]
    search_fields = ["number"]
    search_help_text = gettext_lazy("The account’s number, or a whole address of the customer.")
    readonly_fields = ["referral_code"]
    actions_detail = ["statement", "adjust_points", "transfer", "set_tier", "freeze"]

    def found(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return super().found(rows, words) if as_address(words) else rows.filter(number=words.upper())

    @action(
        description=gettext_lazy("Adjust points"),
        permissions=[
            "view",
            "adjust",
        ],  # by method: the name of a permission is looked up before tables exist
        url_path="adjust",
        icon="balance",
    )
    def adjust_points(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask by how much and why, and post it to the ledger; a refusal is said above the form."""
        account = self.get_object(request, object_id)
        if account is None:
            raise Http404
        form = AdjustForm(request.POST or None, initial={"key": uuid.uuid4()})
        if form.is_valid() and self._adjusted(request, account, form):
            return HttpResponseRedirect(reverse("admin:loyalty_account_change", args=[account.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": account,
            "title": _("Adjust points of %s") % account,
            "form": form,
        }
        return TemplateResponse(request, "admin/loyalty/account/adjust.html", context)

    def has_adjust_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("loyalty.adjust_points")

    def _adjusted(self, request: HttpRequest, account: Account, form: AdjustForm) -> bool:
        points, reason = form.cleaned_data["points"], form.cleaned_data["reason"]
        key = f"adjust:{form.cleaned_data['key']}"
        by = reader(request)
        try:
            entry = services.adjust(account, points, by=by, reason=reason, key=key)
        except Refused as refusal:
            if refusal.code != "needs_second_person":
                form.add_error(None, refusal.sentence)
                return False
            services.ask_adjustment(account, points, by=by, reason=reason, key=key)
            sentence = _("%s It is written down for somebody else to decide.") % refusal.sentence
            self.message_user(request, sentence, messages.WARNING)
            return True
        sentence = _("%(points)+d points; the balance is now %(balance)d.")
        self.message_user(
            request, sentence % {"points": points, "balance": entry.balance_after}, messages.SUCCESS
        )
        return True


class OfAccountAdmin(LedgerAdmin):
    """Rows of an account, found by its number."""

    list_filter: list[Any] = [("account__brand", OneOfMine)]
    list_select_related = ["account"]
    search_fields = ["account__number__exact"]
    search_help_text = gettext_lazy("The account’s number.")


class EntrySheet(Sheet):
    class Meta:
        model = Entry
        fields = [
            "id", "account__number", "seq", "kind", "contra", "points", "qualifying", "balance_after", "reason",
            "source", "actor__name", "occurred_at", "posted_at",
        ]  # fmt: skip


@admin.register(Entry)
class EntryAdmin(ExportAdmin, OfAccountAdmin):
    sheet = EntrySheet
    list_display = [
        "account", "seq", "kind", "contra", "points", "qualifying", "balance_after", "reason", "actor", "occurred_at"
    ]  # fmt: skip
    list_filter = [("account__brand", OneOfMine), "kind", ("posted_at", Days)]
    list_select_related = ["account", "actor"]


@admin.register(Lot)
class LotAdmin(OfAccountAdmin):
    list_display = ["account", "contra", "granted", "remaining", "is_open", "expires_at"]
    list_filter = [("account__brand", OneOfMine), "is_open", ("expires_at", Days)]


@admin.register(LotExtension)
class LotExtensionAdmin(LedgerAdmin):
    list_display = ["lot", "source", "waited", "was_until", "until", "points", "made_at"]
    list_filter = [("lot__account__brand", OneOfMine), ("made_at", Days)]
    list_select_related = ["lot"]
    search_fields = ["lot__account__number__exact"]
    search_help_text = gettext_lazy("The account’s number.")
    exclude = ["request_hash"]


@admin.register(LotUse)
class LotUseAdmin(LedgerAdmin):
    list_display = ["entry", "lot", "points"]
    list_filter = [("entry__account__brand", OneOfMine)]
    list_select_related = ["entry", "lot"]
    search_fields = ["entry__account__number__exact"]
    search_help_text = gettext_lazy("The account’s number.")
