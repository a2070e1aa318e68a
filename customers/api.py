"""Customers as the API shows them, and orders: the shop pushes them, points follow in the same transaction."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

import customers.services
from agents.api.endpoint import Endpoint
from agents.api.fields import Id, Incoming, Instant, Whole, Words
from agents.api.listing import IdFilter
from contactcenter import clock
from contactcenter.errors import Invalid, Refused
from customers import finding
from customers.contact import Kind
from customers.models import ContactPoint, Customer, Order, OrderLine, OrderLineRefund, OrderRefund
from customers.services import Line, Refund

DEAREST = 10**8  # minor units of one line: a slip of the pen, not a purchase, lies beyond


class ContactPointOut(serializers.ModelSerializer[ContactPoint]):
    class Meta:
        model = ContactPoint
        fields = ["kind", "value", "verified_at"]


class CustomerOut(serializers.ModelSerializer[Customer]):
    """Who the customer is and how to reach them."""

    brand = serializers.CharField(source="brand.code", help_text="The brand's code.")
    contact_points = ContactPointOut(many=True)

    class Meta:
        model = Customer
        fields = [
            "id",
            "brand",
            "name",
            "language",
            "country",
            "city",
            "time_zone",
            "created_at",
            "contact_points",
        ]


class AddressIn(Incoming):
    """A way to reach the customer."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    value = Words(
        max_length=254, help_text="A phone number with + and the country, or as dialled in `country`."
    )


class CustomerIn(Incoming):
    """A new customer."""

    brand = Words(max_length=8)
    name = Words(max_length=120, allow_blank=True)
    language = serializers.RegexField(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,5})?$", required=False)
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False)
    city = Words(max_length=80, required=False, allow_blank=True)
    time_zone = Words(max_length=40, required=False)
    birthday = serializers.RegexField(
        r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", required=False, help_text="Month and day: 02-29."
    )
    contact_points = serializers.ListField(child=AddressIn(), required=False, max_length=20)


class CustomerFilter(django_filters.FilterSet):
    """Whoever a whole address reaches, or whose name begins so."""

    brand = django_filters.CharFilter(field_name="brand__code")
    mail = django_filters.CharFilter(method="reached", help_text="A whole e-mail address.")
    phone = django_filters.CharFilter(method="reached", help_text="A whole number with + and the country.")
    handle = django_filters.CharFilter(method="reached", help_text="As network:name.")
    name = django_filters.CharFilter(method="called", help_text="How the name begins.")

    def called(self, rows: QuerySet[Any], _field: str, words: str) -> QuerySet[Any]:
        return finding.beginning(rows, words)

    def reached(self, rows: QuerySet[Any], kind: str, value: str) -> QuerySet[Any]:
        try:
            found = Customer.objects.reached_by(kind, value)
        except Refused:  # no address at all, so it reaches nobody
            return rows.none()
        return rows.filter(pk__in=found.values("pk"))


def make_customer(endpoint: Endpoint, brought: dict[str, Any]) -> Customer:
    """The new customer that a request describes; refused what the service refuses."""
    brand = endpoint.brand(brought.pop("brand"))
    addresses = [(point["kind"], point["value"]) for point in brought.pop("contact_points", [])]
    birthday = brought.pop("birthday", None)
    customer = customers.services.create_customer(brand, addresses=addresses, by=endpoint.agent, **brought)
    if birthday:
        month, day = birthday.split("-")
        customers.services.set_birthday(customer, int(month), int(day), by=endpoint.agent)
    return customer


class LineOut(serializers.ModelSerializer[OrderLine]):
    class Meta:
        model = OrderLine
        fields = ["id", "sku", "name", "category", "quantity", "amount_minor", "refunded_minor"]


class OrderOut(serializers.ModelSerializer[Order]):
    """Amounts are in minor units (cents) of `currency`."""

    brand = serializers.CharField(source="brand.code")
    customer = serializers.IntegerField(source="customer_id")
    lines = LineOut(many=True)

    class Meta:
        model = Order
        fields = [
            "id",
            "brand",
            "customer",
            "number",
            "status",
            "currency",
            "total_minor",
            "refunded_minor",
            "placed_at",
            "channel",
            "lines",
        ]


class LineIn(Incoming):
    """One article; `amount_minor` is the price of the whole line in minor units."""

    sku = Words(max_length=60)
    name = Words(max_length=160)
    amount_minor = Whole(min_value=0, max_value=DEAREST, help_text="Of the whole line, in minor units.")
    quantity = Whole(min_value=1, max_value=10**6, default=1)
    category = Words(max_length=60, required=False, allow_blank=True)


class OrderIn(Incoming):
    """What a customer bought, in the brand's currency."""

    customer = Id()
    number = Words(max_length=40)
    placed_at = Instant(required=False, help_text="Left out: now.")
    status = serializers.ChoiceField(choices=Order.Status.choices, default=Order.Status.PLACED)
    channel = Words(max_length=20, required=False, allow_blank=True, help_text="How: web, app, shop.")
    lines = serializers.ListField(child=LineIn(), min_length=1, max_length=200)


class LineRefundOut(serializers.ModelSerializer[OrderLineRefund]):
    line = serializers.IntegerField(source="line_id")

    class Meta:
        model = OrderLineRefund
        fields = ["line", "amount_minor", "quantity"]


class RefundOut(serializers.ModelSerializer[OrderRefund]):
    """Money that was given back, in minor units of the order's currency."""

    order = serializers.IntegerField(source="order_id")
    lines = LineRefundOut(many=True)

    class Meta:
        model = OrderRefund
        fields = ["id", "order", "amount_minor", "refunded_at", "lines"]


class LineRefundIn(Incoming):
    """How much of one article goes back; `quantity` of them were returned."""

    line = Id(help_text="The id of the order's line.")
    amount_minor = Whole(min_value=1, max_value=DEAREST)
    quantity = Whole(min_value=0, max_value=10**6, default=0)


class RefundIn(Incoming):
    """What of an order is given back."""

    lines = serializers.ListField(child=LineRefundIn(), min_length=1, max_length=200)
    refunded_at = Instant(required=False, help_text="Left out: now.")


class OrderFilter(django_filters.FilterSet):
    brand = django_filters.CharFilter(field_name="brand__code")
    customer = IdFilter(field_name="customer_id")
    number = django_filters.CharFilter(field_name="number")


@extend_schema_view(
    list=extend_schema(summary="Orders, the newest first"),
    retrieve=extend_schema(summary="One order with its lines"),
    refunds=extend_schema(
        summary="Give money of an order back; points follow at once",
        request=RefundIn,
        responses={201: RefundOut},
    ),
    cancel=extend_schema(
        summary="Cancel an order that was not sent; points follow at once",
        request=None,
        responses={201: OrderOut},
    ),
    create=extend_schema(
        summary="Record an order; points follow at once",
        request=OrderIn,
        responses={
            201: OrderOut,
            200: OpenApiResponse(OrderOut, description="It was there already: the order as it is."),
        },
    ),
)
class Orders(ListModelMixin, RetrieveModelMixin, Endpoint):
    """Orders. A number is unique within a brand: the same order again is answered with what is there."""

    scope = "orders"
    queryset = Order.objects.all()
    serializer_class = OrderOut
    filterset_class = OrderFilter

    def rows(self) -> QuerySet[Order]:
        return Order.objects.filter(self.of_brands).select_related("brand").prefetch_related("lines")

    def create(self, request: Request) -> Response:
        brought = self.parsed(OrderIn)

        def deed(_key: str) -> tuple[int, Any, int]:
            known = Customer.objects.visible_to(self.agent).select_related("brand")
            customer = self.one(
                known, "unknown_customer", _("There is no such customer."), pk=brought["customer"]
            )
            order = customers.services.record_order(
                customer,
                brought["number"],
                lines=[Line(**line) for line in brought["lines"]],
                placed_at=brought.get("placed_at") or clock.now(),
                status=brought["status"],
                channel=brought.get("channel", ""),
                by=self.agent,
            )
            status = 201 if order.just_recorded else 200
            return order.brand_id, self.shown(self.rows().get(pk=order.pk), OrderOut), status

        return self.once(deed)

    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def refunds(self, request: Request, pk: str) -> Response:
        order, brought = self.get_object(), self.parsed(RefundIn)

        def deed(key: str) -> tuple[int, Any]:
            lines = order.lines.in_bulk([part["line"] for part in brought["lines"]])
            if any(part["line"] not in lines for part in brought["lines"]):
                raise Invalid("unknown_line", _("Order %s has no such article.") % order.number)
            made = customers.services.refund_order(
                order,
                [Refund(**part | {"line": lines[part["line"]]}) for part in brought["lines"]],
                key=key,
                by=self.agent,
                at=brought.get("refunded_at"),
            )
            return order.brand_id, self.shown(made, RefundOut)

        return self.once(deed)

    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def cancel(self, request: Request, pk: str) -> Response:
        order = self.get_object()

        def deed(_key: str) -> tuple[int, Any]:
            customers.services.cancel_order(order, by=self.agent)
            return order.brand_id, self.shown(self.rows().get(pk=order.pk), OrderOut)

        return self.once(deed)
