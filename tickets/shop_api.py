"""Tasks for the shop: listed by its own system, taken, and reported on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

import tickets.services
from agents.api.endpoint import Endpoint
from agents.api.fields import Id, Incoming, Instant, Whole, Words
from agents.api.listing import IdFilter
from contactcenter import clock
from customers.models import Order
from tickets.api import PersonOut
from tickets.models import ShopTask, ShopTaskLine, Ticket

MOST = 10**12  # minor units, or articles: what is more is a slip


class TaskLineOut(serializers.ModelSerializer[ShopTaskLine]):
    """An article of a task; amounts are in minor units of the order's currency."""

    line = serializers.IntegerField(source="line_id")
    sku = serializers.CharField(source="line.sku")
    name = serializers.CharField(source="line.name")

    class Meta:
        model = ShopTaskLine
        fields = ["line", "sku", "name", "quantity", "amount_minor"]


class TaskOut(serializers.ModelSerializer[ShopTask]):
    """One thing the shop is asked to do with an order."""

    brand = serializers.CharField(source="brand.code")
    ticket = serializers.CharField(source="ticket.reference")
    order = serializers.IntegerField(source="order_id")
    number = serializers.CharField(source="order.number")
    currency = serializers.CharField(source="order.currency")
    lines = TaskLineOut(many=True)
    asked_by = PersonOut()
    taken_by = PersonOut(allow_null=True)

    class Meta:
        model = ShopTask
        fields = [
            "id", "brand", "ticket", "order", "number", "kind", "state", "currency", "lines", "note", "asked_by",
            "asked_at", "taken_by", "taken_at", "lease_until", "ended_at", "answer",
        ]  # fmt: skip


class TaskLineIn(Incoming):
    line = Id()
    quantity = Whole(min_value=0, max_value=2**31 - 1, default=0)
    amount_minor = Whole(min_value=0, max_value=MOST, default=0, help_text="Of a refund; of nothing else.")


class TaskIn(Incoming):
    """What the shop is asked to do with an order of the ticket's customer."""

    ticket = Words(max_length=20)
    order = Id()
    kind = serializers.ChoiceField(choices=ShopTask.Kind.choices)
    lines = serializers.ListField(child=TaskLineIn(), min_length=1, max_length=200)
    note = Words(max_length=500, required=False, allow_blank=True)


class DoneIn(Incoming):
    """What the shop did."""

    answer = Words(max_length=500, required=False, allow_blank=True)
    done_at = Instant(required=False, help_text="Left out: now. A refund is booked at this instant.")


class RefuseIn(Incoming):
    """Why the shop will not; the agent reads it."""

    answer = Words(max_length=500)


class TakeIn(Incoming):
    """An empty object."""


class TaskFilter(django_filters.FilterSet):
    brand = django_filters.CharFilter(field_name="brand__code")
    state = django_filters.ChoiceFilter(choices=ShopTask.State.choices)
    order = IdFilter(field_name="order_id")


@extend_schema_view(
    list=extend_schema(summary="Tasks for the shop, the newest first"),
    retrieve=extend_schema(summary="One task for the shop"),
    create=extend_schema(
        summary="Ask the shop for a refund, a return or a second parcel",
        request=TaskIn,
        responses={201: TaskOut},
    ),
    take=extend_schema(
        summary="Take a task for 15 minutes, or have them anew", request=TakeIn, responses={201: TaskOut}
    ),
    done=extend_schema(
        summary="Report that it is done; a refund is booked", request=DoneIn, responses={201: TaskOut}
    ),
    refuse=extend_schema(
        summary="Report that the shop will not do it", request=RefuseIn, responses={201: TaskOut}
    ),
)
class ShopTasks(ListModelMixin, RetrieveModelMixin, Endpoint):
    """What the shops of the brands the agent serves are asked to do."""

    scope = "shop"
    queryset = ShopTask.objects.all()
    serializer_class = TaskOut
    filterset_class = TaskFilter

    def rows(self) -> QuerySet[Any]:
        rows = ShopTask.objects.filter(self.of_brands)
        return rows.select_related(
            "brand", "ticket__brand", "order", "asked_by", "taken_by"
        ).prefetch_related("lines__line")

    def get_object(self) -> ShopTask:
        return self.found(self.rows().filter(pk=self.kwargs["pk"]))

    def create(self, request: Request) -> Response:
        brought = self.parsed(TaskIn)

        def deed(key: str) -> tuple[int, Any]:
            seen = Ticket.objects.visible_to(self.agent).referred_to_by(brought["ticket"])
            ticket = self.one(seen, "unknown_ticket", _("There is no such ticket."))
            orders = Order.objects.visible_to(self.agent)
            order = self.one(orders, "unknown_order", _("There is no such order."), pk=brought["order"])
            lines = order.lines.all()
            pieces = [
                tickets.services.Piece(
                    self.one(lines, "unknown_line", _("This order has no such article."), pk=one["line"]),
                    one["quantity"],
                    one["amount_minor"],
                )
                for one in brought["lines"]
            ]
            task = tickets.services.ask_shop(
                ticket, order, brought["kind"], pieces, by=self.agent, key=key, note=brought.get("note", "")
            )
            return task.brand_id, self.told(task)

        return self.once(deed)

    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def take(self, request: Request, pk: str) -> Response:
        task = self.get_object()
        self.parsed(TakeIn)
        return self.report(task, lambda: tickets.services.take_task(task, by=self.agent))

    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def done(self, request: Request, pk: str) -> Response:
        task, brought = self.get_object(), self.parsed(DoneIn)
        at = brought.get("done_at") or clock.now()
        said = brought.get("answer", "")
        return self.report(task, lambda: tickets.services.do_task(task, by=self.agent, answer=said, at=at))

    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def refuse(self, request: Request, pk: str) -> Response:
        task, said = self.get_object(), self.parsed(RefuseIn)["answer"]
        return self.report(task, lambda: tickets.services.refuse_task(task, by=self.agent, answer=said))

    def report(self, task: ShopTask, deed: Callable[[], ShopTask]) -> Response:
        """Do `deed` once for the request's key, and answer with the task as it is then."""

        def once(key: str) -> tuple[int, Any]:
            return task.brand_id, self.told(deed())

        return self.once(once)

    def told(self, task: ShopTask) -> Any:
        return self.shown(self.rows().get(pk=task.pk), TaskOut)
