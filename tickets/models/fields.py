"""What a brand wants to know of its tickets besides: fields of its own, and what stands in them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from tickets.models.queues import Queue
from tickets.models.tickets import Ticket

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

BOUND = Decimal(10) ** 14  # a number has fewer figures than this before its point, and four behind it
SMALLEST = Decimal("0.0001")


class TicketFieldQuerySet(OfBrandQuerySet):
    def asked_of(self, ticket: Ticket) -> TicketFieldQuerySet:
        """The fields that a ticket has where it waits now, in their order."""
        here = FieldQueue.objects.filter(queue=ticket.queue_id).values("field")
        elsewhere = FieldQueue.objects.filter(brand=ticket.brand_id).values("field")
        rows = self.filter(Q(pk__in=here) | ~Q(pk__in=elsewhere), brand=ticket.brand_id, is_active=True)
        return rows.order_by("position", "pk")


class TicketField(models.Model):
    """A field of a brand's tickets. Its kind stays: what stands in it could not be read as another."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        CHOICE = "choice", _("Choice")
        DATE = "date", _("Date")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    label = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=Kind)
    is_required = models.BooleanField(
        default=False, help_text=_("A ticket is not resolved before it is filled in.")
    )
    is_active = models.BooleanField(default=True, help_text=_("Is asked for; what stands in it stays."))
    position = models.PositiveSmallIntegerField(default=100, help_text=_("The lowest stands first."))

    objects = TicketFieldQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                "brand", Lower("label"), name="tickets_ticketfield_label_once",
                violation_error_message=_("This brand has a field of that name."),
            ),
            models.UniqueConstraint(fields=["id", "brand"], name="tickets_ticketfield_of_its_brand"),
            models.UniqueConstraint(fields=["id", "kind"], name="tickets_ticketfield_of_its_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=["text", "number", "choice", "date"]),
                name="tickets_ticketfield_kind_known",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.label


class FieldQueue(models.Model):
    """That a field is asked for in a queue; a field that names no queue is asked for in all of them."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", editable=False)
    field = models.ForeignKey(TicketField, models.PROTECT, related_name="queues", db_index=False)
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="+")

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "queue"], name="tickets_fieldqueue_once")]

    def __str__(self) -> str:
        return str(self.queue)


class FieldChoiceQuerySet(models.QuerySet["FieldChoice"]):
    def visible_to(self, agent: Agent | AnonymousUser) -> FieldChoiceQuerySet:
        return self.filter(field__brand__in=Brand.objects.visible_to(agent))


class FieldChoice(models.Model):
    """One of the answers of a field of choices."""

    field = models.ForeignKey(TicketField, models.PROTECT, related_name="choices", db_index=False)
    label = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    objects = FieldChoiceQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint("field", Lower("label"), name="tickets_fieldchoice_label_once"),
            models.UniqueConstraint(fields=["id", "field"], name="tickets_fieldchoice_of_its_field"),
        ]

    def __str__(self) -> str:
        return self.label


class FieldValueQuerySet(OfBrandQuerySet):
    def current(self) -> FieldValueQuerySet:
        return self.filter(replaced_at=None)


class FieldValue(models.Model):
    """What stands, or once stood, in a field of a ticket: one current row for each, typed by the field's kind.

    A change writes a new row and marks the old one as replaced. So the audit needs to name rows only, and words that
    somebody typed stand in none of its lines.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="field_values")
    field = models.ForeignKey(TicketField, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=TicketField.Kind)
    text = models.CharField(max_length=500, blank=True)
    number = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    date = models.DateField(null=True, blank=True)
    choice = models.ForeignKey(
        FieldChoice, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    by = models.ForeignKey(Agent, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=clock.now)
    replaced_at = models.DateTimeField(null=True, blank=True)

    objects = FieldValueQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "field"],
                condition=Q(replaced_at=None),
                name="tickets_fieldvalue_one_current",
            ),
            models.CheckConstraint(
                condition=(Q(kind="text") & ~Q(text="") & Q(number=None, date=None, choice=None))
                | Q(kind="number", text="", number__isnull=False, date=None, choice=None)
                | Q(kind="date", text="", number=None, date__isnull=False, choice=None)
                | Q(kind="choice", text="", number=None, date=None, choice__isnull=False),
                name="tickets_fieldvalue_one_kind_alone",
            ),
        ]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """As people read it. Needs `choice` loaded."""
        if self.date is not None:
            return date_format(self.date, "DATE_FORMAT")
        return str(self.choice) if self.choice else self.typed

    @property
    def typed(self) -> str:
        """As it is typed into the field and sent by the API; a choice is its id."""
        if self.number is not None:
            return plain_number(self.number)
        if self.date is not None:
            return self.date.isoformat()
        return str(self.choice_id) if self.choice_id else self.text


def number_in(typed: str) -> Decimal | None:
    """The number that was typed, 12.5 or 12,5, as it can stand in a field; None for what cannot."""
    try:
        number = Decimal(typed.replace(",", ".", 1))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= BOUND or number != number.quantize(SMALLEST):
        return None
    return number.quantize(SMALLEST)


def plain_number(number: Decimal) -> str:
    """Without an exponent and without zeros that say nothing: 12.5, 1200."""
    return f"{number.normalize():f}" if number else "0"
