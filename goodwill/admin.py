"""The supervisors' pages on what is given back: reasons, limits and budgets to set up, requests to decide."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from agents.brand_admin import OfBrandAdmin, OneOfMine, reader
from agents.export_admin import ExportAdmin, Sheet
from agents.filter_admin import Days
from contactcenter import clock
from contactcenter.errors import Refused
from customers.admin import money
from goodwill import (  # noqa: F401  their classes register themselves
    incident_admin,
    offers_admin,
    pledges_admin,
    radar_admin,
    services,
)
from goodwill.limits import limits_of
from goodwill.models import Budget, Policy, Reason, ReasonSentence, Request
from goodwill.returns_admin import ReturnsAdmin
from goodwill.saying import Line, kept_parts, lines_of
from goodwill.tester_admin import TesterAdmin
from goodwill.unclaimed_admin import UnclaimedAdmin
from tickets.core_admin import OfTicketAdmin, SetUpInline
from tickets.models import Message

BEFORE_SHOWN = 10  # requests for the same customer
SAID_SHOWN = 6  # messages of the conversation


class ReasonSentenceInline(SetUpInline):
    """What customers of other languages read."""

    model = ReasonSentence
    set_up_by = "goodwill.change_reason"
    can_delete = True
    hide_title = False
    fields = ["language", "sentence"]
    verbose_name = gettext_lazy("sentence in another language")
    verbose_name_plural = gettext_lazy("sentences in other languages")


@admin.register(Reason)
class ReasonAdmin(OfBrandAdmin):
    inlines = [ReasonSentenceInline]
    list_display = [
        "label",
        "brand",
        "kind",
        "severity",
        "min_points",
        "default_points",
        "max_points",
        "is_active",
        "rank",
    ]
    list_filter = [("brand", OneOfMine), "kind", "is_active"]
    list_select_related = ["brand"]
    search_fields = ["label", "code"]
    fixed_fields = ["brand", "code"]  # the ledger holds the code as the reason of an entry
    formfield_overrides = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}  # a few codes, on one line

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for sentence in formset.save(commit=False):
            sentence.brand_id = form.instance.brand_id
            sentence.save()
        for gone in formset.deleted_objects:
            gone.delete()
        formset.save_m2m()


@admin.register(Policy)
class PolicyAdmin(TesterAdmin, OfBrandAdmin):
    """Limits of the brands one serves; those of all brands are there to be read, and the owner's to change."""

    list_display = [
        "whom",
        "brand",
        "per_grant",
        "per_ticket",
        "per_day",
        "customer_90",
        "starts_at",
        "ends_at",
    ]
    list_filter = ["role"]
    list_select_related = ["brand", "team", "agent"]
    ordering = ["-per_grant"]
    search_fields = ["role", "team__name", "agent__name"]
    fixed_fields = ["brand", "role", "team", "agent"]
    actions_list = ["try_out"]

    @admin.display(description=gettext_lazy("for"))
    def whom(self, policy: Policy) -> str:
        return str(policy.agent or policy.team or policy.get_role_display())

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return Policy.objects.filter(Q(pk__in=Policy.objects.visible_to(reader(request))) | Q(brand=None))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "brand" in form.base_fields:
            form.base_fields["brand"].required = not reader(request).is_superuser
        return form

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        of_all = obj is not None and obj.brand_id is None and not reader(request).is_superuser
        return not of_all and super().has_change_permission(request, obj)


@admin.register(Budget)
class BudgetAdmin(OfBrandAdmin):
    list_display = [
        "name",
        "brand",
        "kind",
        "incident",
        "campaign",
        "team",
        "starts_at",
        "ends_at",
        "points",
        "spent",
        "reserved",
        "is_hard",
    ]
    list_filter = [("brand", OneOfMine), "kind", "is_hard"]
    list_select_related = ["brand", "team", "campaign", "incident__brand"]
    search_fields = ["name", "campaign__name"]
    fixed_fields = ["brand", "kind", "team", "incident", "campaign", "pays_pledges"]
    readonly_fields = ["spent", "reserved"]
    autocomplete_fields = ["incident", "campaign"]


class RequestSheet(Sheet):
    class Meta:
        model = Request
        fields = [
            "id", "brand__code", "ticket__number", "account__number", "points", "suggested", "reason__code", "by__name",
            "pledge__name", "state", "approver__name", "asked_at", "decided_at",
        ]  # fmt: skip


@admin.register(Request)
class RequestAdmin(ReturnsAdmin, UnclaimedAdmin, ExportAdmin, OfTicketAdmin):
    sheet = RequestSheet
    list_display = ["ticket", "points", "reason", "account", "by", "state", "approver", "asked_at"]
    list_filter = [("brand", OneOfMine), "state", ("asked_at", Days)]
    list_select_related = [
        "brand",
        "ticket__brand",
        "reason",
        "account__tier",
        "by",
        "approver",
        "order",
        "asked_of",
    ]
    actions_list = ["returns", "unclaimed"]
    actions_detail = ["decide"]

    @action(
        description=gettext_lazy("Decide"), permissions=["view", "decide"], url_path="decide", icon="gavel"
    )
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what somebody asked for and what it is held against, and agree, decline or take it back."""
        asked = self.get_object(request, object_id)
        if asked is None:
            raise Http404
        if request.method == "POST":
            self._decided(request, asked)
            return HttpResponseRedirect(reverse("admin:goodwill_request_change", args=[asked.pk]))
        at, by = clock.now(), reader(request)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": asked,
            "title": _("Decide on %(points)d points for %(customer)s")
            % {"points": asked.points, "customer": asked.ticket.customer},
            "limits": limits_of(asked.by, asked.ticket, asked.points, at=at, but=asked) if asked.by else [],
            "mine": limits_of(by, asked.ticket, asked.points, at=at, but=asked),
            "lines": _suggested(asked),
            "about": _about(asked),
            "said": Message.objects.filter(ticket=asked.ticket_id)
            .exclude(kind=Message.Kind.NOTE)
            .select_related("author")
            .order_by("-created_at", "-pk")[:SAID_SHOWN],
            "before": Request.objects.filter(ticket__customer=asked.ticket.customer_id)
            .exclude(pk=asked.pk)
            .select_related("reason", "by", "pledge")
            .order_by("-asked_at")[:BEFORE_SHOWN],
        }
        return TemplateResponse(request, "admin/goodwill/request/decide.html", context)

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("goodwill.approve_goodwill")

    def _decided(self, request: HttpRequest, asked: Request) -> None:
        by, decision = reader(request), request.POST.get("decision", "")
        try:
            if decision == "approve":
                done = services.approve(asked, by=by)
            elif decision == "reverse":
                done = services.reverse(asked, by=by, reason=request.POST.get("reason", "").strip()[:40])
            else:
                done = services.decline(asked, by=by)
        except Refused as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
        else:
            self.message_user(request, _("It is %s now.") % done.get_state_display(), messages.SUCCESS)


def _about(asked: Request) -> str:
    """The order and the money that it is about, as far as they were named."""
    lost = money(asked.loss_minor, asked.brand.currency) if asked.loss_minor is not None else ""
    found = [
        _("Order %s") % asked.order.number if asked.order else "",
        _("%s were lost") % lost if lost else "",
    ]
    return " · ".join(one for one in found if one)


def _suggested(asked: Request) -> list[Line]:
    """What was suggested when it was asked for, with its parts; nothing for requests of before."""
    tier = asked.account.tier if asked.account else None
    parts = kept_parts(asked.parts)
    return lines_of(parts, reason=asked.reason.label, tier=tier.name if tier else "")
