"""Callbacks: what was promised, promising a call or a task, moving it, taking it back."""

from __future__ import annotations

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

import callbacks.services
from agents.api.endpoint import Endpoint
from agents.api.fields import Id, Incoming, Instant, Words
from agents.api.listing import IdFilter
from agents.models import Agent
from callbacks.models import Callback
from customers.contact import Kind
from customers.models import ContactPoint, Customer
from tickets.api import PersonOut
from tickets.models import Ticket


class CallbackOut(serializers.ModelSerializer[Callback]):
    """A promise; the window is a pair of instants, `zone` the customer's time zone it was offered in."""

    brand = serializers.CharField(source="brand.code")
    customer = serializers.IntegerField(source="customer_id")
    ticket = serializers.CharField(source="ticket.reference", default=None, allow_null=True)
    number = serializers.CharField(source="contact_point.value", default=None, allow_null=True)
    owner = PersonOut()

    class Meta:
        model = Callback
        fields = [
            "id",
            "brand",
            "customer",
            "ticket",
            "kind",
            "number",
            "reason",
            "owner",
            "window_from",
            "window_to",
            "zone",
            "state",
            "promised_at",
            "ended_at",
        ]


class WindowIn(Incoming):
    """From when to when, as instants."""

    window_from = Instant()
    window_to = Instant()


class PromiseIn(WindowIn):
    """A call, or a task, within a window of twelve hours at most."""

    customer = Id()
    ticket = Words(max_length=20, required=False, help_text="The reference of a ticket of the customer.")
    kind = serializers.ChoiceField(choices=Callback.Kind.choices, default=Callback.Kind.CALL)
    number = Words(
        max_length=254, required=False, help_text="One of the customer's phones; left out: the first."
    )
    reason = Words(max_length=160)
    owner = Id(required=False, help_text="The agent who is to call; left out: whoever promises.")


class MoveIn(WindowIn):
    """Another window."""

    note = Words(max_length=500, required=False, allow_blank=True)


class NothingIn(Incoming):
    """An empty object."""


class CallbackFilter(django_filters.FilterSet):
    brand = django_filters.CharFilter(field_name="brand__code")
    customer = IdFilter(field_name="customer_id")
    owner = IdFilter(field_name="owner_id")
    ticket = django_filters.CharFilter(method="on_ticket", help_text="The ticket's reference.")
    state = django_filters.ChoiceFilter(choices=Callback.State.choices)

    def on_ticket(self, rows: QuerySet[Any], _name: str, reference: str) -> QuerySet[Any]:
        return rows.filter(ticket__in=Ticket.objects.referred_to_by(reference).values("pk"))


@extend_schema_view(
    list=extend_schema(summary="Promises, the newest first"),
    retrieve=extend_schema(summary="One promise"),
    create=extend_schema(summary="Promise a call or a task", request=PromiseIn, responses={201: CallbackOut}),
    move=extend_schema(
        summary="Promise another window instead", request=MoveIn, responses={201: CallbackOut}
    ),
    cancel=extend_schema(summary="Take a promise back", request=NothingIn, responses={201: CallbackOut}),
)
class Callbacks(ListModelMixin, RetrieveModelMixin, Endpoint):
    """Promises to customers of the brands the agent serves."""

    scope = "callbacks"
    queryset = Callback.objects.all()
    serializer_class = CallbackOut
    filterset_class = CallbackFilter

    def rows(self) -> QuerySet[Callback]:
        rows = Callback.objects.filter(self.of_brands)
        return rows.select_related("brand", "ticket__brand", "contact_point", "owner")

    def create(self, request: Request) -> Response:
        brought = self.parsed(PromiseIn)

        def deed(key: str) -> tuple[int, Any]:
            known = Customer.objects.visible_to(self.agent).select_related("brand")
            customer = self.one(
                known, "unknown_customer", _("There is no such customer."), pk=brought["customer"]
            )
            promised = callbacks.services.promise(
                customer,
                (brought["window_from"], brought["window_to"]),
                by=self.agent,
                reason=brought["reason"],
                key=key,
                owner=self.owner(brought.get("owner")),
                ticket=self.ticket(brought.get("ticket")),
                contact_point=self.phone(customer, brought.get("number"))
                if brought["kind"] == "call"
                else None,
                kind=brought["kind"],
            )
            return self.answer(promised)

        return self.once(deed)

    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def move(self, request: Request, pk: str) -> Response:
        promised, brought = self.get_object(), self.parsed(MoveIn)
        window = (brought["window_from"], brought["window_to"])
        note = brought.get("note", "")
        return self.once(
            lambda key: self.answer(
                callbacks.services.move(promised, window, by=self.agent, key=key, note=note)
            )
        )

    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def cancel(self, request: Request, pk: str) -> Response:
        promised = self.get_object()
        self.parsed(NothingIn)
        return self.once(lambda _key: self.answer(callbacks.services.cancel(promised, by=self.agent)))

    def answer(self, callback: Callback) -> tuple[int, Any]:
        return callback.brand_id, self.shown(self.rows().get(pk=callback.pk), CallbackOut)

    def owner(self, wanted: int | None) -> Agent | None:
        if not wanted:
            return None
        colleagues = Agent.objects.visible_to(self.agent)
        return self.one(colleagues, "unknown_owner", _("There is no such agent."), pk=wanted)

    def ticket(self, reference: str | None) -> Ticket | None:
        if reference is None:
            return None
        known = Ticket.objects.visible_to(self.agent).referred_to_by(reference)
        return self.one(known, "unknown_ticket", _("There is no such ticket."))

    def phone(self, customer: Customer, value: str | None) -> ContactPoint | None:
        phones = customer.contact_points.filter(kind=Kind.PHONE)
        if value is None:
            return phones.first()
        return self.one(phones, "unknown_number", _("The customer has no such number."), value=value)
