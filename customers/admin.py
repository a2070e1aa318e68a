"""The supervisors' pages on who the customers are: to be looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agents.brand_admin import LedgerAdmin, LookInline, OneOfMine, reader
from agents.export_admin import ExportAdmin, Sheet
from agents.filter_admin import Asked, Days
from customers import finding, merging_admin, verification_admin  # noqa: F401  their pages register themselves
from customers.core_admin import OfCustomerAdmin, as_address
from customers.models import (
    ChangeWords,
    Consent,
    ContactPoint,
    Customer,
    CustomerChange,
    Notice,
    Order,
    OrderLine,
    OrderLineRefund,
    OrderRefund,
)


class CustomerSheet(Sheet):
    class Meta:
        model = Customer
        fields = ["id", "brand__code", "name", "language", "country", "city", "time_zone", "created_at"]


class ContactPointInline(LookInline):
    model = ContactPoint
    fields = ["kind", "value", "verified_at", "removed_at"]
    readonly_fields = ["removed_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContactPoint]:
        return ContactPoint.ever.visible_to(reader(request)).order_by("pk")


@admin.register(Customer)
class CustomerAdmin(ExportAdmin, OfCustomerAdmin):
    sheet = CustomerSheet
    list_display = ["name", "brand", "city", "country", "language", "created_at"]
    list_filter = [("brand", OneOfMine), ("created_at", Days)]
    list_select_related = ["brand"]
    search_fields = ["name"]
    search_help_text = _("Words of the name, or a whole e-mail address, phone number with +, or handle.")
    inlines = [ContactPointInline]

    def found(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        address = as_address(words)
        if address:
            return rows.filter(pk__in=Customer.objects.reached_by(*address).values("pk"))
        return finding.called(rows, words)


class InUse(Asked):
    title = _("in use")
    parameter_name = "in_use"
    answers = {
        "yes": (_("In use"), lambda points: points.filter(removed_at=None)),
        "no": (_("Removed"), lambda points: points.exclude(removed_at=None)),
    }


@admin.register(ContactPoint)
class ContactPointAdmin(OfCustomerAdmin):
    list_display = ["value", "kind", "brand", "customer", "verified_at", "removed_at"]
    list_filter = [("brand", OneOfMine), InUse, "kind"]
    search_fields = ["value"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContactPoint]:
        """Those that were taken away as well: calls and mail went to them."""
        return ContactPoint.ever.visible_to(reader(request)).order_by(*self.ordering)

    def found(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        kind, value = as_address(words) or ("", "")
        meant = rows.filter(kind=kind, value=value).order_by()
        used, removed = meant.filter(removed_at=None), meant.exclude(removed_at=None)  # an index each
        return rows.filter(pk__in=used.values("pk").union(removed.values("pk")))


@admin.register(Consent)
class ConsentAdmin(OfCustomerAdmin):
    list_display = ["__str__", "customer", "brand", "source", "by", "recorded_at"]
    list_filter = [("brand", OneOfMine), "purpose", "given", ("recorded_at", Days)]
    list_select_related = ["brand", "customer", "by"]


@admin.register(Notice)
class NoticeAdmin(OfCustomerAdmin):
    list_display = [
        "template",
        "customer",
        "contact_point",
        "state",
        "attempts",
        "written_at",
        "sent_at",
        "last_error",
    ]
    list_filter = [("brand", OneOfMine), "state", ("written_at", Days)]
    list_select_related = ["brand", "customer", "contact_point"]


@admin.register(CustomerChange)
class CustomerChangeAdmin(OfCustomerAdmin):
    list_display = ["__str__", "customer", "brand", "kind", "by", "at"]
    list_filter = [("brand", OneOfMine), "kind"]
    list_select_related = ["brand", "customer", "by"]


@admin.register(ChangeWords)
class ChangeWordsAdmin(LedgerAdmin):
    list_display = ["__str__", "change", "before", "after"]
    list_filter = [("change__brand", OneOfMine)]
    list_select_related = ["change"]
    search_fields = ["change__customer__name__istartswith"]
    search_help_text = _("How the customer’s name begins.")


def money(minor: int, currency: str) -> str:
    """Minor units as 42.10 EUR."""
    return f"{minor / 100:,.2f} {currency}"


class OrderSheet(Sheet):
    class Meta:
        model = Order
        fields = [
            "number", "brand__code", "customer__id", "customer__name", "status", "currency", "total_minor",
            "refunded_minor", "placed_at",
        ]  # fmt: skip


class OrderLineInline(LookInline):
    model = OrderLine
    fields = ["sku", "name", "category", "quantity", "amount", "refunded"]
    readonly_fields = ["amount", "refunded"]

    @admin.display(description=_("amount"))
    def amount(self, line: OrderLine) -> str:
        return money(line.amount_minor, line.order.currency)

    @admin.display(description=_("refunded"))
    def refunded(self, line: OrderLine) -> str:
        return money(line.refunded_minor, line.order.currency)


@admin.register(Order)
class OrderAdmin(ExportAdmin, OfCustomerAdmin):
    sheet = OrderSheet
    list_display = ["number", "customer", "brand", "status", "total", "refunded", "placed_at"]
    list_filter = [("brand", OneOfMine), "status", ("placed_at", Days)]
    search_fields = ["number"]
    search_help_text = _("The order’s number, or a whole address of the customer.")
    exclude = ["currency", "total_minor", "refunded_minor"]
    readonly_fields = ["total", "refunded"]
    inlines = [OrderLineInline]

    def found(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return super().found(rows, words) if as_address(words) else rows.filter(number=words)

    @admin.display(description=_("total"))
    def total(self, order: Order) -> str:
        return money(order.total_minor, order.currency)

    @admin.display(description=_("refunded"))
    def refunded(self, order: Order) -> str:
        return money(order.refunded_minor, order.currency)


@admin.register(OrderLine)
class OrderLineAdmin(LedgerAdmin):
    list_display = ["name", "sku", "order", "quantity", "amount"]
    list_filter = [("order__brand", OneOfMine)]
    list_select_related = ["order"]
    search_fields = ["order__number__exact"]
    search_help_text = _("The order’s number.")
    exclude = ["amount_minor", "refunded_minor"]
    readonly_fields = ["amount", "refunded"]

    @admin.display(description=_("amount"))
    def amount(self, line: OrderLine) -> str:
        return money(line.amount_minor, line.order.currency)

    @admin.display(description=_("refunded"))
    def refunded(self, line: OrderLine) -> str:
        return money(line.refunded_minor, line.order.currency)


class OfOrderAdmin(LedgerAdmin):
    """Rows of money given back, found by the order's number."""

    list_filter: list[Any] = [("order__brand", OneOfMine)]
    search_fields = ["order__number__exact"]
    search_help_text = _("The order’s number.")
    exclude = ["amount_minor", "request_hash"]
    readonly_fields = ["amount"]

    @admin.display(description=_("amount"))
    def amount(self, row: OrderRefund | OrderLineRefund) -> str:
        return money(row.amount_minor, row.order.currency)


@admin.register(OrderRefund)
class OrderRefundAdmin(OfOrderAdmin):
    list_display = ["order", "amount", "by", "refunded_at"]
    list_select_related = ["order", "by"]


@admin.register(OrderLineRefund)
class OrderLineRefundAdmin(OfOrderAdmin):
    list_display = ["order", "line", "amount", "quantity"]
    list_select_related = ["order", "line"]
