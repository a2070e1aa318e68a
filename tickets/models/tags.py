"""Words by which a brand sorts its tickets."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from tickets.models.tickets import Ticket


class TagQuerySet(OfBrandQuerySet):
    def named(self, name: str) -> TagQuerySet:
        """Those with this name, however its letters are written; the database says which letters are one."""
        return self.alias(plain=Lower("name")).filter(plain=Lower(models.Value(name)))

    def of(self, ticket: Ticket | models.OuterRef) -> TagQuerySet:
        """The tags of a ticket, in the order of their names."""
        return self.filter(on__ticket=ticket).order_by("name")


class Tag(models.Model):
    """A word by which tickets of a brand are sorted."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=40)

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "brand",
                Lower("name"),
                name="tickets_tag_name_once_a_brand",
                violation_error_message=_("This brand has a tag of that name."),
            ),
            models.UniqueConstraint(fields=["id", "brand"], name="tickets_tag_of_its_brand"),
            models.CheckConstraint(condition=~Q(name=""), name="tickets_tag_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


class TicketTag(models.Model):
    """That a ticket bears a tag; the ticket's audit says since when and until when."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="tagged", db_index=False)
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="on")
    by = models.ForeignKey(Agent, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=clock.now)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "tag"], name="tickets_tickettag_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.tag_id}"
