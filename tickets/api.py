"""Tickets: pulled by other systems, opened with what the customer said, and answered."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

import tickets.services
from agents.api.endpoint import Endpoint
from agents.api.fields import Id, Incoming, Whole, Words, YesNo
from agents.api.listing import IdFilter, NewestWord
from agents.models import Agent
from contactcenter.errors import Invalid, Refused
from customers.models import Customer
from tickets import bulk_api
from tickets.bulk_api import BulkIn, BulkOut
from tickets.models import (
    Channel,
    ContactReason,
    FieldValue,
    Message,
    Queue,
    Ticket,
    TicketField,
    TicketQuerySet,
)
from tickets.search.api import Found, HitOut
from tickets.search.words import clean
from tickets.sorting_api import FieldValueOut, ReasonOfTicketOut

LONGEST = 100_000  # characters of one message
STANDING = FieldValue.objects.current().select_related("field", "choice").order_by("field__position", "field")


class QueueOut(serializers.ModelSerializer[Queue]):
    class Meta:
        model = Queue
        fields = ["id", "name"]


class PersonOut(serializers.ModelSerializer[Agent]):
    class Meta:
        model = Agent
        fields = ["id", "name"]


class TicketOut(serializers.ModelSerializer[Ticket]):
    """One issue. `message_seq` numbers what was said last: a reply that names it as `seen` passes nobody over."""

    reference = serializers.CharField(help_text="How people name it: FF-4812.")
    brand = serializers.CharField(source="brand.code")
    customer = serializers.IntegerField(source="customer_id")
    queue = QueueOut()
    assignee = PersonOut(allow_null=True)
    tags = serializers.SerializerMethodField()
    reason = ReasonOfTicketOut(allow_null=True, help_text="Why the customer wrote.")
    custom_fields = FieldValueOut(
        many=True, source="filled", help_text="What stands in the brand's own fields."
    )
    merged_into = serializers.SerializerMethodField(
        help_text="The reference of the ticket in which this one goes on; null for one that stands alone."
    )

    class Meta:
        model = Ticket
        fields = [
            "reference",
            "brand",
            "customer",
            "queue",
            "assignee",
            "subject",
            "channel",
            "status",
            "priority",
            "type",
            "tags",
            "reason",
            "custom_fields",
            "merged_into",
            "opened_at",
            "resolved_at",
            "due_at",
            "last_message_at",
            "message_seq",
        ]

    def get_merged_into(self, ticket: Ticket) -> str | None:
        return f"{ticket.brand.code}-{ticket.merged_into.number}" if ticket.merged_into else None

    def get_tags(self, ticket: Ticket) -> list[str]:
        return sorted(on.tag.name for on in ticket.tagged.all())


class MessageOut(serializers.ModelSerializer[Message]):
    author = PersonOut(allow_null=True, help_text="null: the customer.")

    class Meta:
        model = Message
        fields = ["seq", "kind", "channel", "author", "sender", "text", "state", "created_at", "sent_at"]


class TicketIn(Incoming):
    """A new ticket and what the customer said first."""

    customer = Id()
    queue = Id(required=False, help_text="Left out: the default queue of the customer's brand.")
    channel = serializers.ChoiceField(
        choices=Channel.choices,
        help_text="How the customer said it. `mail` is refused (`no_such_channel`): a mail comes as a mail.",
    )
    subject = Words(max_length=250, allow_blank=True)
    text = Words(max_length=LONGEST, help_text="What the customer said.")


class ReplyIn(Incoming):
    """An answer to the customer."""

    text = Words(max_length=LONGEST)
    seen = Whole(
        min_value=0, max_value=2**31 - 1, required=False, help_text="Refused if the customer wrote after it."
    )
    resolve = YesNo(default=False, help_text="The ticket ends with this reply.")


class FieldIn(Incoming):
    """What is to stand in a field: text, a number, a day (2026-11-28) or the id of a choice; empty for nothing."""

    field = Id()
    value = Words(max_length=500, allow_blank=True)


class SortIn(Incoming):
    """How pressing a ticket is, of what type, why it came and what its fields say; what is left out stays."""

    priority = Whole(min_value=1, max_value=4, required=False, help_text="1 low, 2 normal, 3 high, 4 urgent.")
    type = serializers.ChoiceField(choices=Ticket.Type.choices, required=False)
    reason = Id(required=False, allow_null=True, help_text="A contact reason; null takes it back.")
    custom_fields = FieldIn(many=True, required=False)


class TicketFilter(django_filters.FilterSet):
    brand = django_filters.CharFilter(field_name="brand__code")
    queue = IdFilter(field_name="queue_id")
    status = django_filters.ChoiceFilter(choices=Ticket.Status.choices)
    assignee = IdFilter(field_name="assignee_id")
    customer = IdFilter(field_name="customer_id")


@extend_schema_view(
    list=extend_schema(summary="Tickets, the newest first"),
    retrieve=extend_schema(summary="One ticket"),
    create=extend_schema(
        summary="Open a ticket with the first word of the customer",
        request=TicketIn,
        responses={201: TicketOut},
    ),
    messages=extend_schema(
        summary="What was said in a ticket, the newest first", responses={200: MessageOut(many=True)}
    ),
    sort=extend_schema(
        summary="Set priority, type, reason and fields of a ticket",
        request=SortIn,
        responses={201: TicketOut},
    ),
    search=extend_schema(
        summary="Tickets by words and operators, as on the desk",
        parameters=[
            OpenApiParameter("q", str, required=True, description="Words, “phrases”, -without, tier:gold …")
        ],
        responses={200: HitOut(many=True)},
    ),
    bulk=extend_schema(
        summary="One deed on many tickets, each in a transaction of its own",
        request=BulkIn,
        responses={201: BulkOut},
    ),
    reply=extend_schema(
        summary="Answer the customer by e-mail", request=ReplyIn, responses={201: MessageOut}
    ),
)
class Tickets(ListModelMixin, RetrieveModelMixin, Endpoint):
    """Tickets of the brands the agent serves."""

    scope = "tickets"
    queryset = Ticket.objects.all()
    serializer_class = TicketOut
    filterset_class = TicketFilter
    lookup_url_kwarg = "reference"
    lookup_value_regex = bulk_api.REFERENCE

    def rows(self) -> TicketQuerySet:
        return (
            Ticket.objects.filter(self.of_brands)
            .select_related("brand", "queue", "assignee", "reason__parent__parent__parent")
            .prefetch_related(
                "tagged__tag",
                Prefetch("field_values", STANDING, to_attr="filled"),
                Prefetch("merged_into", Ticket.objects.only("number")),
            )
        )

    def get_object(self) -> Ticket:
        return self.found(self.rows().referred_to_by(self.kwargs["reference"]))

    def create(self, request: Request) -> Response:
        brought = self.parsed(TicketIn)

        def deed(key: str) -> tuple[int, Any]:
            known = Customer.objects.visible_to(self.agent).select_related("brand")
            customer = self.one(
                known, "unknown_customer", _("There is no such customer."), pk=brought["customer"]
            )
            ticket = tickets.services.open_told(
                customer,
                queue=self.queue(customer, brought.get("queue")),
                subject=brought["subject"],
                channel=brought["channel"],
                text=brought["text"],
                key=key,
                by=self.agent,
            )
            return ticket.brand_id, self.shown(self.rows().get(pk=ticket.pk), TicketOut)

        return self.once(deed)

    @action(detail=True, pagination_class=NewestWord, filterset_class=None)
    def messages(self, request: Request, reference: str) -> Response:
        said = self.get_object().messages.select_related("author")
        page = self.paginate_queryset(said)
        return self.get_paginated_response(MessageOut(page, many=True).data)

    @action(detail=False, pagination_class=Found, filterset_class=None, asks=("q",))
    def search(self, request: Request) -> Response:
        if not clean(request.query_params.get("q", "")):
            raise exceptions.ValidationError({"q": [_("Say what to look for.")]})
        page = self.paginate_queryset(self.rows())
        return self.get_paginated_response(HitOut(page, many=True).data)

    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def reply(self, request: Request, reference: str) -> Response:
        ticket, brought = self.get_object(), self.parsed(ReplyIn)

        def deed(key: str) -> tuple[int, Any]:
            message = tickets.services.reply(ticket, by=self.agent, key=key, **brought)
            return ticket.brand_id, self.shown(message, MessageOut)

        return self.once(deed)

    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def sort(self, request: Request, reference: str) -> Response:
        ticket, brought = self.get_object(), self.parsed(SortIn)

        def deed(key: str) -> tuple[int, Any]:
            if "priority" in brought:
                tickets.services.set_priority(ticket, brought["priority"], by=self.agent)
            if "type" in brought:
                tickets.services.set_type(ticket, brought["type"], by=self.agent)
            if "reason" in brought:
                tickets.services.set_reason(ticket, self.reason(ticket, brought["reason"]), by=self.agent)
            for one in brought.get("custom_fields", []):
                fields = TicketField.objects.filter(brand=ticket.brand_id)
                field = self.one(fields, "unknown_field", _("There is no such field."), pk=one["field"])
                tickets.services.fill(ticket, field, one["value"], by=self.agent)
            return ticket.brand_id, self.shown(self.rows().get(pk=ticket.pk), TicketOut)

        return self.once(deed)

    def reason(self, ticket: Ticket, wanted: int | None) -> ContactReason | None:
        """The reason a request names; None takes it back."""
        if wanted is None:
            return None
        reasons = ContactReason.objects.filter(brand=ticket.brand_id)
        return self.one(reasons, "unknown_reason", _("There is no such contact reason."), pk=wanted)

    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    def bulk(self, request: Request) -> Response:
        brought = self.parsed(BulkIn)

        def deed(key: str) -> tuple[int, Any]:
            tickets = list(self.rows().filter(bulk_api.named(brought["tickets"])).order_by("pk"))
            if not tickets:
                raise Invalid("no_ticket", _("None of these tickets is there."))
            return tickets[0].brand_id, bulk_api.do(brought, tickets, by=self.agent)

        return self.once_apart(deed)

    def queue(self, customer: Customer, wanted: int | None) -> Queue:
        """The queue a request names, else the default one of the customer's brand."""
        if wanted is not None:
            queues = Queue.objects.visible_to(self.agent)
            return self.one(queues, "unknown_queue", _("There is no such queue."), pk=wanted)
        queue = Queue.objects.filter(brand=customer.brand_id, is_default=True).first()
        if queue is None:
            raise Refused("no_queue", _("This brand has no default queue; name one."))
        return queue
