"""What customers bought, and what of it came back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Func, Q, Sum, TextField
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.guards import append_only
from contactcenter.paging import newest

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
from customers.models.people import Customer

# Without what is no figure; by a regular expression it took longer, for every new version of an account.
FIGURES = "ltrim(translate(%(expressions)s, translate(%(expressions)s, '0123456789', ''), ''), '0')"


def figures_of(name: str) -> Func:
    """The figures of a number as people say them, without letters, dashes and leading zeros: 20931 of A-020931."""
    return Func(F(name), template=FIGURES, output_field=TextField())


class OrderQuerySet(OfBrandQuerySet):
    def paid(self) -> OrderQuerySet:
        """Orders that count as spend."""
        return self.exclude(status=Order.Status.CANCELLED)

    def of_twelve_months(self, at: datetime) -> OrderQuerySet:
        """Paid orders of the twelve months that end at `at`."""
        return self.filter(placed_at__gt=at - timedelta(days=365), placed_at__lte=at).paid()

    def spent(self) -> Any:
        """A row for each customer of these orders: what was bought and not refunded, in minor units."""
        bought = (
            self.order_by().values("customer").annotate(spent=Sum(F("total_minor") - F("refunded_minor")))
        )
        return bought.values_list("spent", flat=True)


class Order(models.Model):
    """Something bought. Amounts are in minor units (cents) of the order's currency."""

    class Status(models.TextChoices):
        PLACED = "placed", _("placed")
        SHIPPED = "shipped", _("shipped")
        DELIVERED = "delivered", _("delivered")
        LOST = "lost", _("lost")
        RETURNED = "returned", _("returned")
        CANCELLED = "cancelled", _("cancelled")

    # The key over both columns holds them: one of each alone would only cost another look at every row.
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="orders", db_index=False, db_constraint=False
    )
    number = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=Status, default=Status.PLACED)
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField(help_text=_("What was paid, in minor units."))
    refunded_minor = models.BigIntegerField(default=0)
    placed_at = models.DateTimeField()
    channel = models.CharField(
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text=_("How it was bought: web, app, shop."),
    )

    objects = OrderQuerySet.as_manager()
    just_recorded = False  # True on what `record_order` gives where it wrote the order, and did not find it

    class Meta:
        permissions = [("refund_order", "Can give money of an order back")]
        constraints = [
            models.UniqueConstraint(fields=["brand", "number"], name="customers_order_number_once_a_brand"),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("total_minor")),
                name="customers_order_refund_within_total",
            ),
        ]
        indexes = [
            models.Index("brand", newest(), name="customers_order_of_brand"),
            models.Index(fields=["customer", "-placed_at"], name="customers_order_newest"),
            models.Index("brand", figures_of("number"), name="customers_order_digits"),
        ]

    def __str__(self) -> str:
        return self.number


class OfOrderQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        """Only rows of brands this agent serves."""
        return self.filter(order__brand__in=Brand.objects.visible_to(agent))


class OrderLine(models.Model):
    """One article of an order; `amount_minor` is the line's whole price, `refunded_minor` of it came back."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    sku = models.CharField(max_length=60)
    name = models.CharField(max_length=160)
    category = models.CharField(max_length=60, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    amount_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField(default=0)

    objects = OfOrderQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1, amount_minor__gte=0), name="customers_orderline_is_something"
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("amount_minor")),
                name="customers_orderline_refund_within_amount",
            ),
            # Lets a refund's line point at (id, order): it gives back an article of its own order.
            models.UniqueConstraint(fields=["id", "order"], name="customers_orderline_of_its_order"),
        ]

    def __str__(self) -> str:
        return self.name


class OrderRefund(models.Model):
    """Money of an order that was given back, at once: written by `services`, never changed.

    `amount_minor` is the sum of its lines. `key` makes a repeated request harmless.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds")
    amount_minor = models.BigIntegerField()
    key = models.CharField(max_length=80, unique=True)
    request_hash = models.CharField(max_length=64)
    refunded_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OfOrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="customers_orderrefund_gives_something"
            ),
            models.UniqueConstraint(fields=["id", "order"], name="customers_orderrefund_of_its_order"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.order}: {self.amount_minor / 100:.2f} {self.order.currency}"


class OrderLineRefund(models.Model):
    """How much of one article a refund gave back; `quantity` of them came back, 0 when none did."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="+")
    refund = models.ForeignKey(OrderRefund, models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="refunds")
    amount_minor = models.BigIntegerField()
    quantity = models.PositiveIntegerField(default=0)

    objects = OfOrderQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="customers_orderlinerefund_gives_something"
            ),
            models.UniqueConstraint(fields=["refund", "line"], name="customers_orderlinerefund_line_once"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.line}: {self.amount_minor / 100:.2f}"
