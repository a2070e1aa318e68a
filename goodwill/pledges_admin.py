"""The supervisors' pages on what pays itself: pledges with what they would have cost, and what became of each."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from agents.brand_admin import OfBrandAdmin, OneOfMine, reader
from agents.export_admin import ExportAdmin, Sheet
from agents.filter_admin import Days
from contactcenter import clock
from contactcenter.errors import Refused
from goodwill import services
from goodwill.models import Pledge, PledgeRun
from goodwill.pledge_preview import DAYS, preview
from tickets.core_admin import OfTicketAdmin


@admin.register(Pledge)
class PledgeAdmin(OfBrandAdmin):
    """A pledge is made as a draft and published; from then on it stays as it was said, but for its end and budget."""

    list_display = [
        "name", "brand", "tier_from", "queue", "kind", "minutes", "points", "is_active", "left", "starts_at", "ends_at",
    ]  # fmt: skip
    list_filter = [("brand", OneOfMine), "is_active", "kind"]
    list_select_related = ["brand", "tier_from", "queue", "budget"]
    search_fields = ["name"]
    fixed_fields = ["brand"]
    said = [
        "tier_from", "queue", "kind", "minutes", "points", "reason", "per_customer", "customer_days", "starts_at",
    ]  # fmt: skip
    readonly_fields = ["is_active", "published_by"]
    actions_detail = ["ask_publish"]

    @admin.display(description=gettext_lazy("left in its budget"))
    def left(self, pledge: Pledge) -> int:
        return pledge.budget.left

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, *self.said] if obj and obj.published_by_id else fixed

    @action(
        description=gettext_lazy("See what it would cost, publish"),
        permissions=["view", "publish"],
        url_path="publish",
        icon="handshake",
    )
    def ask_publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what it would have paid, and publish it, or stop it, when that is confirmed."""
        pledge = self.get_object(request, object_id)
        if pledge is None:
            raise Http404
        back = reverse("admin:goodwill_pledge_change", args=[pledge.pk])
        if request.method == "POST":
            self._decided(request, pledge)
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": pledge,
            "title": _("What “%s” would cost") % pledge,
            "back": back,
            "days": DAYS,
            "preview": preview(pledge, clock.now()),
        }
        return TemplateResponse(request, "admin/goodwill/pledge/publish.html", context)

    def has_publish_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("goodwill.approve_goodwill")

    def _decided(self, request: HttpRequest, pledge: Pledge) -> None:
        do = services.stop if request.POST.get("decision") == "stop" else services.publish
        try:
            done = do(pledge, by=reader(request))
        except Refused as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
        else:
            said = _("“%s” holds now.") if done.is_active else _("“%s” is stopped.")
            self.message_user(request, said % done, messages.SUCCESS)


class PledgeRunSheet(Sheet):
    class Meta:
        model = PledgeRun
        fields = [
            "id", "brand__code", "pledge__name", "ticket__number", "kind", "turn", "started_at", "due_at",
            "answered_at", "state", "why", "pledge__points", "ended_at",
        ]  # fmt: skip


@admin.register(PledgeRun)
class PledgeRunAdmin(ExportAdmin, OfTicketAdmin):
    """Every clock that a pledge was held against: kept, paid, or why not."""

    sheet = PledgeRunSheet
    list_display = ["ticket", "pledge", "kind", "state", "why", "due_at", "answered_at", "ended_at"]
    list_filter = [("brand", OneOfMine), "state", ("pledge", OneOfMine), ("started_at", Days)]
    list_select_related = ["brand", "ticket__brand", "pledge"]
