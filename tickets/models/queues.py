"""Where tickets wait, and how they are numbered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet, Team

if TYPE_CHECKING:
    pass


class Queue(models.Model):
    """Where tickets of a brand wait; mail to `address` lands here."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="queues")
    name = models.CharField(max_length=80)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="queues")
    address = models.EmailField(unique=True, help_text=_("In lower case; also the sender of our answers."))
    reply_minutes = models.PositiveIntegerField(
        default=240, help_text=_("A customer's word is to be answered within so many minutes.")
    )
    reopen_days = models.PositiveSmallIntegerField(
        default=14, help_text=_("A resolved ticket opens again when its customer writes within so many days.")
    )
    acknowledges = models.BooleanField(
        default=True,
        db_default=True,
        help_text=_("Whoever opens a ticket by mail is told at once that it came, and until when we answer."),
    )
    is_default = models.BooleanField(
        default=False, help_text=_("Takes what belongs to no other queue of the brand.")
    )
    asks_reason = models.BooleanField(
        default=False, db_default=False, help_text=_("A ticket is not resolved without a contact reason.")
    )
    wrap_up_minutes = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text=_("After the last word an agent has so long for what is left to do; 0: not measured."),
    )
    shop_minutes = models.PositiveIntegerField(
        default=60,
        db_default=60,
        help_text=_("Supervisors are told of a task for the shop that nobody has taken for so many minutes."),
    )

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="tickets_queue_name_once_a_brand"),
            models.UniqueConstraint(
                fields=["brand"],
                condition=Q(is_default=True),
                name="tickets_queue_one_default_a_brand",
                violation_error_message=_("Another queue of this brand is the default."),
            ),
            models.UniqueConstraint(fields=["id", "brand"], name="tickets_queue_of_its_brand"),
            models.CheckConstraint(
                condition=Q(reply_minutes__gte=1),
                name="tickets_queue_gives_time",
                violation_error_message=_("Give at least a minute for an answer."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TicketNumber(models.Model):
    """The last ticket number given out for a brand."""

    brand = models.OneToOneField(Brand, models.PROTECT, primary_key=True, related_name="+")
    last = models.PositiveIntegerField(default=0)

    objects = OfBrandQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.last)
