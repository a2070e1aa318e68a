"""Callbacks: what was promised, when one can be, promising a call or a task, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

import callbacks.services
from agents.api.endpoint import Endpoint
from agents.api.fields import BIGGEST_ID, Incoming
from agents.api.listing import IdFilter
from agents.models import Agent, Team
from agents.roles import INTEGRATION
from callbacks import windows
from callbacks.api_shapes import (
    REACHED,
    AskedIn,
    CallbackOut,
    HandOverIn,
    MoveIn,
    NothingIn,
    OutcomeIn,
    PromiseIn,
    WindowsOut,
)
from callbacks.models import Attempt, Callback
from callbacks.services.finding import phone_of
from contactcenter import clock
from customers.contact import Kind
from customers.models import ContactPoint, Customer
from tickets.models import Ticket


class CallbackFilter(django_filters.FilterSet):
    brand = django_filters.CharFilter(field_name="brand__code")
    customer = IdFilter(field_name="customer_id")
    owner = IdFilter(field_name="owner_id")
    team = IdFilter(field_name="team_id")
    ticket = django_filters.CharFilter(method="on_ticket", help_text="The ticket's reference.")
    state = django_filters.ChoiceFilter(choices=Callback.State.choices)

    def on_ticket(self, rows: QuerySet[Any], _name: str, reference: str) -> QuerySet[Any]:
        return rows.filter(ticket__in=Ticket.objects.referred_to_by(reference).values("pk"))


def described(summary: str, brings: type[Incoming] = NothingIn) -> Any:
    return extend_schema(summary=summary, request=brings, responses={201: CallbackOut})


def deed(**more: Any) -> Any:
    return action(detail=True, methods=["post"], filterset_class=None, pagination_class=None, **more)


@extend_schema_view(
    list=extend_schema(summary="Promises, the newest first"),
    retrieve=extend_schema(summary="One promise"),
    create=described("Promise a call or a task", PromiseIn),
    accept=described("Take a due call"),
    decline=described("Say no to an offer, or give an accepted call back"),
    outcome=described("Say what came of it", OutcomeIn),
    move=described("Promise another window instead", MoveIn),
    hand_over=described("Let somebody else keep it", HandOverIn),
    cancel=described("Take a promise back"),
)
class Callbacks(ListModelMixin, RetrieveModelMixin, Endpoint):
    """Promises to customers of the brands the agent serves."""

    scope = "callbacks"
    queryset = Callback.objects.all()
    serializer_class = CallbackOut
    filterset_class = CallbackFilter

    def rows(self) -> QuerySet[Callback]:
        rows = Callback.objects.filter(self.of_brands)
        rows = rows.select_related("brand", "ticket__brand", "contact_point", "owner", "team")
        return rows.prefetch_related(Prefetch("attempts", Attempt.objects.select_related("by")))

    def create(self, request: Request) -> Response:
        brought = self.parsed(PromiseIn)

        def do(key: str) -> tuple[int, Any]:
            customer = self.customer(brought["customer"])
            promised = callbacks.services.promise(
                customer,
                (brought["window_from"], brought["window_to"]),
                by=self.agent,
                reason=brought["reason"],
                key=key,
                owner=self.owner(brought.get("owner")),
                ticket=self.ticket(brought.get("ticket")),
                contact_point=self.point(customer, brought),
                kind=brought["kind"],
                more=callbacks.services.More(
                    notes=brought.get("notes", ""),
                    channel=brought["channel"],
                    team=self.team(brought.get("team")),
                    source=self.source(),
                ),
            )
            return self.answer(promised)

        return self.once(do)

    @extend_schema(
        summary="The free windows of a day",
        parameters=[
            OpenApiParameter(
                "customer", {"type": "integer", "minimum": 1, "maximum": BIGGEST_ID}, required=True
            ),
            OpenApiParameter(
                "day",
                {"type": "string", "format": "date"},
                description="Of the customer's calendar; left out: today.",
            ),
            OpenApiParameter(
                "team",
                {"type": "integer", "minimum": 1, "maximum": BIGGEST_ID},
                description="Who is to call; left out: whoever asks.",
            ),
        ],
        responses={200: WindowsOut},
    )
    @action(
        detail=False,
        methods=["get"],
        filterset_class=None,
        pagination_class=None,
        asks=("customer", "day", "team"),
    )
    def windows(self, request: Request) -> Response:
        asked = AskedIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        customer, at = self.customer(asked.validated_data["customer"]), clock.now()
        team = self.team(asked.validated_data.get("team"))
        owner = None if team else self.agent
        call = callbacks.services.Asked(customer, owner, team, phone_of(customer))
        zone = call.place.zone
        day = asked.validated_data.get("day") or at.astimezone(zone).date()
        hours = callbacks.services.windows_of_day(call, day, at=at) if is_near(day, at) else []
        free = [hour for hour in hours if not hour.why_not]
        return Response(WindowsOut({"zone": zone.key, "day": day, "windows": free}).data)

    @deed()
    def accept(self, request: Request, pk: str) -> Response:
        promised = self.get_object()
        self.parsed(NothingIn)
        return self.once(lambda _key: self.answer(callbacks.services.accept(promised, by=self.agent)))

    @deed()
    def decline(self, request: Request, pk: str) -> Response:
        promised = self.get_object()
        self.parsed(NothingIn)
        return self.once(lambda _key: self.answer(callbacks.services.decline(promised, by=self.agent)))

    @deed()
    def outcome(self, request: Request, pk: str) -> Response:
        promised, brought = self.get_object(), self.parsed(OutcomeIn)

        def do(key: str) -> tuple[int, Any]:
            said: dict[str, Any] = {"by": self.agent, "key": key, "note": brought.get("note", "")}
            if brought["outcome"] == REACHED:
                return self.answer(callbacks.services.done(promised, **said))
            return self.answer(callbacks.services.not_reached(promised, brought["outcome"], **said))

        return self.once(do)

    @deed()
    def move(self, request: Request, pk: str) -> Response:
        promised, brought = self.get_object(), self.parsed(MoveIn)
        window = (brought["window_from"], brought["window_to"])
        note = brought.get("note", "")
        return self.once(
            lambda key: self.answer(
                callbacks.services.move(promised, window, by=self.agent, key=key, note=note)
            )
        )

    @deed(url_path="hand-over")
    def hand_over(self, request: Request, pk: str) -> Response:
        promised, brought = self.get_object(), self.parsed(HandOverIn)

        def do(_key: str) -> tuple[int, Any]:
            to, team = self.owner(brought.get("owner")), self.team(brought.get("team"))
            return self.answer(callbacks.services.hand_over(promised, to=to, team=team, by=self.agent))

        return self.once(do)

    @deed()
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

    def customer(self, wanted: int) -> Customer:
        known = Customer.objects.visible_to(self.agent).select_related("brand")
        found: Customer = self.one(known, "unknown_customer", _("There is no such customer."), pk=wanted)
        return found

    def team(self, wanted: int | None) -> Team | None:
        if not wanted:
            return None
        teams = Team.objects.filter(self.of_brands)
        return self.one(teams, "unknown_team", _("There is no such team."), pk=wanted)

    def point(self, customer: Customer, brought: Mapping[str, Any]) -> ContactPoint | None:
        """Where the call goes: the number or address that is named, else the first."""
        if brought["kind"] != Callback.Kind.CALL:
            return None
        is_video = brought["channel"] == Callback.Channel.VIDEO
        points = customer.contact_points.filter(kind=Kind.MAIL if is_video else Kind.PHONE)
        if "number" not in brought:
            return points.first()
        return self.one(
            points, "unknown_number", _("The customer has no such number."), value=brought["number"]
        )

    def source(self) -> str:
        """What a machine promises comes from another system, what a person does by a token of theirs from a person."""
        is_machine = self.agent.groups.filter(name=INTEGRATION).exists()
        return Callback.Source.API if is_machine else Callback.Source.DESK


def is_near(day: date, at: datetime) -> bool:
    """Whether a day can have free windows at all: none that is over, none beyond the farthest promise."""
    return abs(day - at.date()) <= windows.FARTHEST + timedelta(days=1)
