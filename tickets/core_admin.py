"""What the supervisors' pages on tickets stand on."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline

from agents.brand_admin import LedgerAdmin, OneOfMine, reader
from tickets.models import Ticket


class OfTicketAdmin(LedgerAdmin):
    """Rows of a ticket, found by its reference."""

    list_filter: list[Any] = [("ticket__brand", OneOfMine)]
    list_select_related = ["ticket__brand"]
    search_fields = ["ticket"]  # opens the search box; what it finds is said below
    search_help_text = gettext_lazy("The ticket’s number as in FF-4812.")
    ticket_path = "ticket"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        meant = Ticket.objects.all().referred_to_by(words)
        return queryset.filter(**{f"{self.ticket_path}__in": meant}), False


class SetUpInline(TabularInline):
    """Rows that are set up on the page of the row they belong to, by whoever may change that one; none is deleted."""

    extra = 0
    can_delete = False
    hide_title = True
    set_up_by: str

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).visible_to(reader(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(self.set_up_by)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(self.set_up_by)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_delete and request.user.has_perm(self.set_up_by)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(self.set_up_by)
