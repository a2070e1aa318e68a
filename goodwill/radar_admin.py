"""The supervisors' pages on what the radar found: who looks into it, what it rests on, and what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from agents.brand_admin import LedgerAdmin, OneOfMine, reader
from agents.filter_admin import Days
from agents.models import Agent
from contactcenter.errors import Refused
from goodwill import services
from goodwill.models import Finding, Request, Watch
from goodwill.radar.facts import REQUESTS_KEPT
from goodwill.radar.words import more_of, sentence_of


@admin.register(Finding)
class FindingAdmin(LedgerAdmin):
    """Findings of the brands one serves, without those that concern oneself."""

    list_display = ["kind", "agent", "said", "customer", "approver", "state", "owner", "found_at"]
    list_filter = [("brand", OneOfMine), "kind", "state", ("owner", OneOfMine), ("found_at", Days)]
    list_select_related = ["brand", "agent", "customer", "approver", "owner"]
    search_fields = ["agent__name", "agent__email"]
    fields = [
        "brand", "kind", "agent", "customer", "approver", "said", "state", "owner", "found_at", "seen_at",
        "decided_at", "decided_by", "note",
    ]  # fmt: skip
    readonly_fields = ["said"]
    actions_detail = ["look"]

    @admin.display(description=gettext_lazy("what was found"))
    def said(self, finding: Finding) -> str:
        return sentence_of(finding)

    @action(
        description=gettext_lazy("Look into it"),
        permissions=["view", "look"],
        url_path="look",
        icon="troubleshoot",
    )
    def look(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what a finding rests on, and take it, hand it to somebody, dismiss or confirm it."""
        finding = self.get_object(request, object_id)
        if finding is None:
            raise Http404
        if request.method == "POST" and self._looked(request, finding):
            return HttpResponseRedirect(reverse("admin:goodwill_finding_look", args=[finding.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": finding,
            "title": _("%(kind)s: %(agent)s")
            % {"kind": finding.get_kind_display().capitalize(), "agent": finding.agent},
            "sentences": [sentence_of(finding), *more_of(finding)],
            "requests": _requests_of(request, finding),
            "shown": REQUESTS_KEPT,
            "note": request.POST.get("note", ""),
            "others": [
                one
                for one in services.lookers_of(finding.brand)
                if one.pk not in (finding.agent_id, finding.approver_id, finding.owner_id, reader(request).pk)
            ],
        }
        return TemplateResponse(request, "admin/goodwill/finding/look.html", context)

    def has_look_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("goodwill.decide_finding")

    def _looked(self, request: HttpRequest, finding: Finding) -> bool:
        """Whether it was done; what is refused is told, and what was typed stays."""
        by, decision = reader(request), request.POST.get("decision", "")
        try:
            if decision == "take":
                done = services.assign(finding, by, by=by)
            elif decision == "assign":
                done = services.assign(finding, _agent_of(request), by=by)
            else:
                done = services.conclude(finding, decision, note=request.POST.get("note", ""), by=by)
        except Refused as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
            return False
        words = {"state": done.get_state_display(), "owner": done.owner}
        self.message_user(request, _("It is %(state)s now. Owner: %(owner)s.") % words, messages.SUCCESS)
        return True


@admin.register(Watch)
class WatchAdmin(LedgerAdmin):
    """That the radar looked, night by night: nothing found is not the same as nobody looked."""

    list_display = ["brand", "night", "at", "gifts", "found"]
    search_fields = ["brand__name__istartswith", "brand__code__iexact"]
    list_filter = [("brand", OneOfMine), ("at", Days)]
    list_select_related = ["brand"]


def _requests_of(request: HttpRequest, finding: Finding) -> QuerySet[Any]:
    rows = Request.objects.visible_to(reader(request)).filter(pk__in=finding.evidence.get("requests", []))
    found: QuerySet[Any] = rows.select_related(
        "ticket__brand", "ticket__customer", "reason", "by", "approver", "second", "reward", "benefit"
    )
    return found.order_by("-asked_at")


def _agent_of(request: HttpRequest) -> Agent:
    asked = request.POST.get("to", "")
    found = Agent.objects.visible_to(reader(request)).filter(pk=asked if asked.isdecimal() else 0).first()
    if found is None:
        raise Refused("nobody", _("Choose who looks into it."))
    return found
