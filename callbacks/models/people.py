"""When a customer wants to be called, and the phone of an agent that a dialler rings first."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from agents.presence.models import OfAgentQuerySet
from customers.models import Customer
from tickets.models.calendars import Opening


class ContactHours(models.Model):
    """Local hours of a weekday (Monday 0) in which a customer wants to be called; without any row: whenever allowed."""

    Weekday = Opening.Weekday

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contact_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.TimeField()
    closes = models.TimeField(help_text=_("00:00 is the end of the day."))

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["weekday", "opens"]
        verbose_name_plural = _("contact hours")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "weekday", "opens"], name="callbacks_contacthours_once"
            ),
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")) | Q(closes="00:00"), name="callbacks_contacthours_run"
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="callbacks_contacthours_weekday_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class Line(models.Model):
    """Where a dialler reaches an agent before it calls the customer: a number in E.164 or a name at the SIP server."""

    agent = models.OneToOneField(Agent, models.PROTECT, primary_key=True, related_name="line")
    address = models.CharField(max_length=80, help_text=_("+4930123456 or ana at our own telephone server."))

    objects = OfAgentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(address__regex=r"^(\+[1-9][0-9]{4,14}|[a-z0-9._-]{1,40})$"),
                name="callbacks_line_is_dialled",
                violation_error_message=_(
                    "Write a number with + and the country, or a name in small letters."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.address
