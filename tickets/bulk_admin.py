"""One deed on the tickets that were chosen in the supervisors' list, with what each refused."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin

from agents.brand_admin import reader
from tickets.models import Ticket
from tickets.services import bulk


class BulkAdmin(ModelAdmin):
    """The deeds; each ticket goes through the desk's own service, in a transaction of its own."""

    deeds = ["take", "hand_back", "resolve", "merge"]

    def has_work_permission(self, request: HttpRequest) -> bool:
        return reader(request).has_perm("tickets.work_ticket")

    @admin.action(description=gettext_lazy("Assign to me"), permissions=["work"])
    def take(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        by = reader(request)
        self._tell(request, _chosen(queryset), bulk.assigning(by, by=by))

    @admin.action(description=gettext_lazy("Back to the queue"), permissions=["work"])
    def hand_back(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        self._tell(request, _chosen(queryset), bulk.assigning(None, by=reader(request)))

    @admin.action(description=gettext_lazy("Resolve without a reply"), permissions=["work"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        self._tell(request, _chosen(queryset), bulk.resolving(by=reader(request)))

    @admin.action(description=gettext_lazy("Merge into the one opened first"), permissions=["work"])
    def merge(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        todo, deed = bulk.merging(_chosen(queryset), by=reader(request))
        self._tell(request, todo, deed)

    def _tell(self, request: HttpRequest, tickets: Sequence[Ticket], deed: bulk.Deed) -> None:
        report = bulk.do_on_each(tickets, deed)
        done = len(report.done)
        self.message_user(request, ngettext("Done on %d ticket.", "Done on %d tickets.", done) % done)
        for ticket, refusal in report.refused:
            self.message_user(request, f"{ticket.reference}: {refusal.sentence}", messages.ERROR)


def _chosen(queryset: QuerySet[Ticket]) -> list[Ticket]:
    return list(queryset.select_related("brand").order_by("pk")[: bulk.AT_MOST + 1])
