"""The supervisors' page on goodwill for all whom an incident hit: how far it is, who was left out, as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from agents.brand_admin import OneOfMine, reader
from agents.export_admin import ROWS_AT_MOST, file_of, log_export
from agents.filter_admin import Days
from agents.rights import expect_right
from contactcenter.errors import Refused
from goodwill.incidents import progress_of, report_of, why
from goodwill.models import IncidentGrant
from goodwill.services import incidents
from tickets.core_admin import OfTicketAdmin

SHOWN = 200  # customers on the page; the file has them all
DEEDS = {
    "approve": incidents.approve, "decline": incidents.decline, "stop": incidents.stop, "go_on": incidents.go_on
}  # fmt: skip


@admin.register(IncidentGrant)
class IncidentGrantAdmin(OfTicketAdmin):
    list_display = ["ticket", "points", "customers", "reason", "by", "state", "approver", "asked_at"]
    list_filter = [("brand", OneOfMine), "state", ("asked_at", Days)]
    list_select_related = ["brand", "ticket__brand", "reason", "by", "approver"]
    actions_detail = ["progress"]

    @action(
        description=gettext_lazy("Progress"), permissions=["view"], url_path="progress", icon="groups"
    )  # fmt: skip
    def progress(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """How far it is and what became of each customer; agree, decline, stop or go on; with ?as=csv as a file."""
        grant = self.get_object(request, object_id)
        if grant is None:
            raise Http404
        if request.method == "POST":
            self._decided(request, grant)
            return HttpResponseRedirect(reverse("admin:goodwill_incidentgrant_progress", args=[grant.pk]))
        if request.GET.get("as") == "csv":
            return self._file(request, grant)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": grant,
            "title": _("Goodwill for all whom %s hit") % grant.ticket.reference,
            "done": progress_of(grant),
            "lines": [(line, why(line.outcome, line.bound)) for line in report_of(grant)[:SHOWN]],
            "shown": SHOWN,
            "may_decide": reader(request).has_perm("goodwill.approve_goodwill"),
            "may_export": reader(request).has_perm("agents.export"),
        }
        return TemplateResponse(request, "admin/goodwill/incidentgrant/progress.html", context)

    def _decided(self, request: HttpRequest, grant: IncidentGrant) -> None:
        deed = DEEDS.get(request.POST.get("decision", ""))
        if deed is None:
            raise Http404
        try:
            done = deed(grant, by=reader(request))
        except Refused as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
        else:
            self.message_user(request, _("It is %s now.") % done.get_state_display(), messages.SUCCESS)

    def _file(self, request: HttpRequest, grant: IncidentGrant) -> HttpResponse:
        expect_right(reader(request), "agents.export", grant.brand_id)
        rows = list(_rows(grant))
        if len(rows) > ROWS_AT_MOST + 1:
            raise Refused("too_many_rows", _("A file holds up to %d rows.") % ROWS_AT_MOST)
        log_export(reader(request), IncidentGrant, _("customers of an incident"), len(rows) - 1)
        return file_of("incident.csv", rows)


def _rows(grant: IncidentGrant) -> Iterator[Sequence[object]]:
    yield ["ticket", "customer", "account", "outcome", "why", "points", "at"]
    for line in report_of(grant)[: ROWS_AT_MOST + 1].iterator(chunk_size=1000):
        account = line.request.account.number if line.request and line.request.account else ""
        yield [
            line.ticket.reference, str(line.ticket.customer), account, line.outcome,
            why(line.outcome, line.bound), line.request.points if line.request else 0,
            line.at.isoformat(sep=" ", timespec="seconds"),
        ]  # fmt: skip
