"""The words of a ticket, as the search looks for them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func

from agents.models import Brand, OfBrandQuerySet
from tickets.models.tickets import Ticket


class TicketWords(models.Model):
    """Subject and messages of a ticket in the language of its brand; written by triggers, in the same commit.

    One row a ticket; a very long one has several `part`s, so that one more message never rewrites all of it.
    """

    # One key over both holds them in the database: tickets_ticketwords_ticket_id_of_one_brand.
    ticket = models.ForeignKey(
        Ticket, models.CASCADE, related_name="words", db_index=False, db_constraint=False
    )
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    part = models.PositiveSmallIntegerField(default=0)
    words = SearchVectorField()
    shelves = models.GeneratedField(
        expression=Func(F("brand"), F("ticket"), function="tickets_shelves"),
        output_field=ArrayField(models.BigIntegerField()),
        db_persist=True,
    )

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "ticket words"
        constraints = [
            models.UniqueConstraint(fields=["ticket", "part"], name="tickets_ticketwords_part_once"),
        ]
        indexes = [
            # Without the list of what is to be indexed later: a search would read that list from end to end.
            GinIndex(fields=["shelves", "words"], name="tickets_ticketwords_found", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.part}"
