"""The questions that are asked of tickets: by reference, by what is to be done with them, in whose turn."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from agents.models import Agent, Brand, OfBrandQuerySet
from loyalty.models import Account


class TicketQuerySet(OfBrandQuerySet):
    def referred_to_by(self, reference: str) -> TicketQuerySet:
        """The ticket with the reference FF-4812; nothing for what is no reference."""
        code, dash, number = reference.upper().rpartition("-")
        if not (code.isalnum() and dash and number.isascii() and number.isdecimal() and len(number) < 10):
            return self.none()
        return self.filter(brand__code=code, number=int(number))

    def unsolved(self) -> TicketQuerySet:
        return self.filter(is_open=True)

    def awake(self) -> TicketQuerySet:
        """Tickets that nobody has put off."""
        return self.filter(snoozed_until=None)

    def to_close(self, at: datetime) -> TicketQuerySet:
        """Resolved tickets whose customer has had the time to answer."""
        return self.filter(closes_at__lte=at).order_by("closes_at", "pk")

    def to_wake(self, at: datetime) -> TicketQuerySet:
        return self.filter(snoozed_until__lte=at).order_by("snoozed_until", "pk")

    def waiting(self) -> TicketQuerySet:
        """Tickets in which the customer waits for our answer."""
        return self.unsolved().filter(due_at__isnull=False)

    def to_route(self) -> TicketQuerySet:
        """Tickets that nobody has and that wait for us, in their turn; without one, since their last word."""
        rows = self.awake().filter(
            is_open=True, assignee=None, status__in=[self.model.Status.NEW, self.model.Status.OPEN]
        )
        return rows.order_by(Coalesce("turn_at", "last_message_at"), "pk")

    def to_return(self) -> TicketQuerySet:
        """Tickets that somebody has and that wait for us."""
        held = self.awake().filter(is_open=True, assignee__isnull=False)
        return held.filter(status__in=[self.model.Status.NEW, self.model.Status.OPEN]).order_by("pk")

    def overdue(self, at: datetime) -> TicketQuerySet:
        """Tickets whose answer was to be given before `at`."""
        return self.unsolved().filter(due_at__lt=at)

    def of_another_tier(self) -> TicketQuerySet:
        """Unsolved tickets whose customer has another tier by now than their promises reckon with."""
        held = Account.objects.filter(customer=OuterRef("customer"), status=Account.Status.ACTIVE)
        now = Coalesce(Subquery(held.values("tier_id")), 0, output_field=models.BigIntegerField())
        then = Coalesce(F("promised_tier_id"), 0, output_field=models.BigIntegerField())
        return self.unsolved().alias(now=now, then=then).exclude(now=F("then"))

    def mine(self, agent: Agent) -> TicketQuerySet:
        return self.unsolved().filter(assignee=agent)

    def open_in_turn(self, brand: Brand, *, after: int) -> TicketQuerySet:
        """The open tickets of a brand after the one of this id, in the order in which they were opened."""
        return self.unsolved().filter(brand=brand, pk__gt=after).order_by("pk")

    def in_working_order(self) -> TicketQuerySet:
        """Whose turn comes first stands first; what waits for somebody else last."""
        return self.order_by(F("turn_at").asc(nulls_last=True), "id")
