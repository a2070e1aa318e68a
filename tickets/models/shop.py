"""What agents ask the shop's own system to do with an order: give money back, take articles back, send them again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.paging import newest
from customers.models import Order, OrderLine, OrderRefund
from tickets.models.tickets import Ticket

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class ShopTaskQuerySet(OfBrandQuerySet):
    def open(self) -> ShopTaskQuerySet:
        """Those the shop has not answered yet."""
        return self.filter(state__in=ShopTask.OPEN)

    def to_tell(self, at: datetime) -> ShopTaskQuerySet:
        """Tasks that should have been taken, or answered, by `at`, and nobody has been told of."""
        return self.filter(tell_at__lte=at).order_by("tell_at", "pk")


class ShopTask(models.Model):
    """One thing the shop is asked to do with articles of an order, and how far it is.

    asked → taken → done or refused; what nobody has taken can be withdrawn. Whoever takes it has it until
    `lease_until`; after that another may take it. `answer` is the shop's sentence. Amounts in minor units.
    """

    class Kind(models.TextChoices):
        REFUND = "refund", _("Refund")
        RETURN = "return", _("Return")
        RESEND = "resend", _("Send again")

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        TAKEN = "taken", _("taken")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    OPEN = (State.ASKED, State.TAKEN)

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="shop_tasks")
    order = models.ForeignKey(Order, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind)
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    note = models.CharField(max_length=500, blank=True, help_text=_("What the shop should know."))
    key = models.CharField(max_length=80, unique=True)
    request_hash = models.CharField(max_length=64)
    asked_by = models.ForeignKey(Agent, models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField(default=clock.now)
    tell_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Supervisors are told when it has come no further until then.")
    )
    taken_by = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    refund = models.OneToOneField(
        OrderRefund, models.PROTECT, null=True, blank=True, related_name="shop_task"
    )

    objects = ShopTaskQuerySet.as_manager()

    class Meta:
        permissions = [("do_shoptask", "Can take tasks for the shop and report what became of them")]
        constraints = [
            models.UniqueConstraint(fields=["id", "order"], name="tickets_shoptask_of_its_order"),
            models.UniqueConstraint(fields=["id", "kind"], name="tickets_shoptask_of_its_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=["refund", "return", "resend"]), name="tickets_shoptask_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", taken_by=None, taken_at=None, lease_until=None, ended_at=None)
                | Q(
                    state="taken",
                    taken_by__isnull=False,
                    taken_at__isnull=False,
                    lease_until__isnull=False,
                    ended_at=None,
                )
                | Q(
                    state__in=["done", "refused"],
                    taken_by__isnull=False,
                    ended_at__isnull=False,
                    tell_at=None,
                )
                | Q(state="withdrawn", ended_at__isnull=False, tell_at=None),
                name="tickets_shoptask_state_fits",
            ),
            models.CheckConstraint(
                condition=Q(kind="refund", state="done", refund__isnull=False)
                | (~Q(kind="refund", state="done") & Q(refund=None)),
                name="tickets_shoptask_done_refund_is_booked",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(answer=""), name="tickets_shoptask_refused_says_why"
            ),
        ]
        indexes = [
            models.Index("brand", newest(), name="tickets_shoptask_newest"),
            models.Index("brand", "state", newest(), name="tickets_shoptask_by_state"),
            models.Index(
                fields=["tell_at", "id"], condition=Q(tell_at__isnull=False), name="tickets_shoptask_to_tell"
            ),
        ]
        triggers = [
            # A key over (order, brand) would want one more index of every order; neither of the two ever changes.
            pgtrigger.Trigger(
                name="order_of_one_brand",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("order_id", "brand_id"),
                func=(
                    "IF NOT EXISTS (SELECT FROM customers_order o WHERE o.id = NEW.order_id"
                    " AND o.brand_id = NEW.brand_id) THEN RAISE EXCEPTION 'the order is of another brand'"
                    " USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'tickets_shoptask_order_is_of_its_brand';"
                    " END IF; RETURN NEW;"
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order_id}"

    @property
    def amount_minor(self) -> int:
        """What is to be given back, in minor units; 0 for what moves articles only. Needs `lines`."""
        return sum(line.amount_minor for line in self.lines.all())


class ShopTaskLineQuerySet(models.QuerySet["ShopTaskLine"]):
    def visible_to(self, agent: Agent | AnonymousUser) -> ShopTaskLineQuerySet:
        return self.filter(task__brand__in=Brand.objects.visible_to(agent))


class ShopTaskLine(models.Model):
    """An article of a task: how many of it, and for a refund how much money, in minor units."""

    task = models.ForeignKey(ShopTask, models.PROTECT, related_name="lines", db_index=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=6, choices=ShopTask.Kind)
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(default=0)
    amount_minor = models.BigIntegerField(default=0)

    objects = ShopTaskLineQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["task", "line"], name="tickets_shoptaskline_once"),
            models.CheckConstraint(
                condition=Q(kind="refund", amount_minor__gt=0)
                | Q(kind__in=["return", "resend"], amount_minor=0, quantity__gt=0),
                name="tickets_shoptaskline_is_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.line_id}"
