"""How tickets belong together."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from tickets.models.tickets import Ticket
from tickets.models.whole import whole_of


class TicketLinkQuerySet(OfBrandQuerySet):
    def of(self, ticket: Ticket | models.OuterRef) -> TicketLinkQuerySet:
        """The links of a ticket, from either end, the oldest first."""
        return self.filter(Q(one=ticket) | Q(other=ticket)).order_by("id")

    def of_whole(self, ticket: models.OuterRef) -> TicketLinkQuerySet:
        """The same of the ticket of the statement around and of all that went into it."""
        ours = whole_of(ticket)
        return self.filter(Q(one__pk__one_of=ours) | Q(other__pk__one_of=ours)).order_by("id")


class TicketLink(models.Model):
    """`one` is part of `other` (parent), was caused by `other` (incident), or has to do with it (related).

    Of two related tickets the one with the lower id is `one`: neither comes before the other.
    """

    class Kind(models.TextChoices):
        PARENT = "parent", _("part of")
        RELATED = "related", _("related to")
        INCIDENT = "incident", _("caused by")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    one = models.ForeignKey(Ticket, models.PROTECT, related_name="links", db_index=False)
    other = models.ForeignKey(Ticket, models.PROTECT, related_name="linked")
    by = models.ForeignKey(Agent, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=clock.now)

    objects = TicketLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other", "kind"], name="tickets_ticketlink_once"),
            models.UniqueConstraint(
                fields=["one"], condition=Q(kind="parent"), name="tickets_ticketlink_one_parent"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["parent", "related", "incident"]), name="tickets_ticketlink_kind_known"
            ),
            models.CheckConstraint(condition=~Q(one=F("other")), name="tickets_ticketlink_takes_two"),
            models.CheckConstraint(
                condition=~Q(kind="related") | Q(one__lt=F("other")),
                name="tickets_ticketlink_related_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} {self.kind} {self.other_id}"
