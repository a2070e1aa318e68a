"""Goodwill: what was given on which ticket, and giving it, inside the same limits as on the desk."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

import goodwill.services
from agents.api.endpoint import Endpoint
from agents.api.fields import Incoming, Whole, Words, YesNo
from agents.api.listing import IdFilter
from contactcenter.errors import Invalid
from customers.models import Order
from goodwill.models import Reason, Request
from goodwill.services.posting import gift_of
from tickets.api import PersonOut
from tickets.models import Ticket


class GrantOut(serializers.ModelSerializer[Request]):
    """Points given or asked for on a ticket, or a `gift` instead, which counts for as many.

    `entry` is the line of the ledger that gave the points: empty while nothing was given, and for a gift.
    """

    brand = serializers.CharField(source="brand.code")
    ticket = serializers.CharField(source="ticket.reference")
    customer = serializers.IntegerField(source="ticket.customer_id")
    reason = serializers.CharField(source="reason.code")
    by = PersonOut(allow_null=True, help_text="Empty where a pledge has paid.")
    gift = serializers.SerializerMethodField(
        help_text="Code of the reward or the benefit that is given instead of points; null: points."
    )
    entry = serializers.IntegerField(source="entry_id", allow_null=True)
    suggested = serializers.IntegerField(
        allow_null=True, help_text="Points that were suggested when it was asked for; empty: of before."
    )

    class Meta:
        model = Request
        fields = [
            "id",
            "brand",
            "ticket",
            "customer",
            "reason",
            "points",
            "gift",
            "suggested",
            "by",
            "state",
            "entry",
            "asked_at",
        ]

    def get_gift(self, request: Request) -> str | None:
        gift = gift_of(request)
        return gift.code if gift else None


class GrantIn(Incoming):
    """Points as an apology, inside the limits of the reason and of what the agent may give alone."""

    ticket = Words(max_length=20, help_text="The ticket's reference.")
    reason = Words(max_length=40, help_text="The reason's code.")
    points = Whole(min_value=1, max_value=2**31 - 1)
    ask = YesNo(
        required=False,
        help_text="Let what is over a limit wait for somebody who may agree to it (`state` is `waiting`).",
    )
    order = Words(max_length=40, required=False, help_text="The number of the customer's order it is about.")
    loss_minor = Whole(
        min_value=0, max_value=2**31 - 1, required=False, help_text="Money that was lost, in minor units."
    )
    words = Words(max_length=500, required=False, help_text="With `ask`: what whoever decides should know.")
    message = Words(
        max_length=10_000, required=False, help_text="With `ask`: goes to the customer once it is given."
    )
    urgent = YesNo(
        required=False,
        help_text="With `ask`: the customer waits; who is on duty is asked, one after the other.",
    )


class GrantFilter(django_filters.FilterSet):
    brand = django_filters.CharFilter(field_name="brand__code")
    ticket = django_filters.CharFilter(method="on_ticket", help_text="The ticket's reference.")
    customer = IdFilter(method="of_customer")

    def of_customer(self, rows: QuerySet[Any], _name: str, customer: int) -> QuerySet[Any]:
        """By the customer's tickets, found beforehand: else all of the brand are read until enough are theirs."""
        theirs = ArraySubquery(Ticket.objects.filter(customer=customer).values("pk"))
        return rows.filter(ticket__pk__one_of=theirs)

    def on_ticket(self, rows: QuerySet[Any], _name: str, reference: str) -> QuerySet[Any]:
        return rows.filter(ticket__in=Ticket.objects.referred_to_by(reference).values("pk"))


@extend_schema_view(
    list=extend_schema(summary="Points given and asked for, the newest first"),
    create=extend_schema(
        summary="Give points to the customer of a ticket, or ask for them",
        request=GrantIn,
        responses={201: GrantOut},
    ),
)
class Goodwill(ListModelMixin, Endpoint):
    """Goodwill on the tickets of the brands the agent serves."""

    scope = "goodwill"
    queryset = Request.objects.all()
    serializer_class = GrantOut
    filterset_class = GrantFilter

    def rows(self) -> QuerySet[Request]:
        # Few reasons and people for many rows: joined, the planner may read the rows again for each of them.
        rows = Request.objects.filter(self.of_brands).select_related("brand", "ticket__brand")
        return rows.prefetch_related("reason", "by", "reward", "benefit")

    def create(self, request: ApiRequest) -> Response:
        brought = self.parsed(GrantIn)

        def deed(key: str) -> tuple[int, Any]:
            known = Ticket.objects.visible_to(self.agent).referred_to_by(brought["ticket"])
            ticket = self.one(known, "unknown_ticket", _("There is no such ticket."))
            given_as: dict[str, Any] = {
                "by": self.agent, "reason": self.reason(ticket, brought["reason"]), "key": key,
                "order": self.order(ticket, brought.get("order", "")), "loss_minor": brought.get("loss_minor"),
            }  # fmt: skip
            if brought.get("ask"):
                about = {name: brought.get(name, "") for name in ("words", "message")}
                urgent = bool(brought.get("urgent"))
                given = goodwill.services.ask(
                    ticket, brought["points"], **given_as, **about, is_urgent=urgent
                )
            else:
                self.expect_nothing_waits(brought)
                given = goodwill.services.grant(ticket, brought["points"], **given_as)
            return given.brand_id, self.shown(self.rows().get(pk=given.pk), GrantOut)

        return self.once(deed)

    def expect_nothing_waits(self, brought: dict[str, Any]) -> None:
        """Refuse (422) what is only for a grant that may wait, where it may not: nothing is left out silently."""
        if found := [name for name in ("words", "message", "urgent") if brought.get(name)]:
            sentence = _("%s: only beside `ask`.") % ", ".join(found)
            raise Invalid("only_beside_ask", sentence, details={"fields": found})

    def reason(self, ticket: Ticket, code: str) -> Reason:
        """The reason of this code, in use for the ticket's brand; else 422 with the codes that are."""
        reasons = {
            reason.code: reason for reason in Reason.objects.filter(brand=ticket.brand_id, is_active=True)
        }
        if code not in reasons:
            raise Invalid("unknown_reason", _("There is no such reason."), details={"known": sorted(reasons)})
        return reasons[code]

    def order(self, ticket: Ticket, number: str) -> Order | None:
        """The customer's order of this number, none where none is named; else 422."""
        if not number:
            return None
        order = Order.objects.filter(customer=ticket.customer_id, number=number).first()
        if order is None:
            raise Invalid("unknown_order", _("The customer has no such order."))
        return order
