"""The supervisors' pages on the fields of a brand's tickets and what stands in them, and on tasks for the shop."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from agents.brand_admin import LookInline, OfBrandAdmin, OneOfMine, reader
from agents.filter_admin import Days
from tickets.core_admin import OfTicketAdmin, SetUpInline
from tickets.models import FieldChoice, FieldQueue, FieldValue, Queue, ShopTask, ShopTaskLine, TicketField

SET_UP = "tickets.change_ticketfield"


class ChoiceInline(SetUpInline):
    """The answers of a field of choices, in their order."""

    model = FieldChoice
    set_up_by = SET_UP


class QueueInline(SetUpInline):
    """Where a field is asked for; nowhere named is everywhere. Taking one out takes no value away."""

    model = FieldQueue
    set_up_by = SET_UP
    can_delete = True
    verbose_name_plural = gettext_lazy("queues: none named is all of them")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = Queue.objects.visible_to(reader(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(TicketField)
class TicketFieldAdmin(OfBrandAdmin):
    list_display = ["label", "brand", "kind", "is_required", "position", "is_active"]
    list_filter = [("brand", OneOfMine), "kind", "is_active"]
    list_select_related = ["brand"]
    search_fields = ["label"]
    fixed_fields = ["brand", "kind"]
    inlines = [ChoiceInline, QueueInline]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """A queue that is named for a field is named in the field's brand."""
        for one in formset.forms:
            if isinstance(one.instance, FieldQueue):
                one.instance.brand_id = form.instance.brand_id
        super().save_formset(request, form, formset, change)


@admin.register(FieldValue)
class FieldValueAdmin(OfTicketAdmin):
    list_display = ["ticket", "field", "__str__", "by", "at", "replaced_at"]
    list_filter = [("brand", OneOfMine), ("field", OneOfMine), ("at", Days)]
    list_select_related = ["ticket__brand", "field", "choice", "by"]


class ShopTaskLineInline(LookInline):
    model = ShopTaskLine
    show_change_link = False
    fields = ["line", "quantity", "amount_minor"]


@admin.register(ShopTask)
class ShopTaskAdmin(OfTicketAdmin):
    list_display = [
        "ticket",
        "kind",
        "order",
        "state",
        "asked_by",
        "asked_at",
        "taken_by",
        "ended_at",
        "answer",
    ]
    list_filter = [("brand", OneOfMine), "kind", "state", ("asked_at", Days)]
    list_select_related = ["ticket__brand", "order", "asked_by", "taken_by"]
    exclude = ["request_hash", "key"]
    inlines = [ShopTaskLineInline]
