"""Who the customers are: one person of exactly one brand, the ways to reach them, what they bought."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Sum
from django.db.models.functions import Reverse
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet, initials_of
from contactcenter import clock
from contactcenter.guards import append_only
from contactcenter.paging import newest
from customers.contact import Kind, normalise

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class CustomerQuerySet(OfBrandQuerySet):
    def reached_by(self, kind: str, value: str) -> CustomerQuerySet:
        """Whoever this mail address, phone number or handle belongs to, however it is written."""
        return self.filter(
            contact_points__kind=kind,
            contact_points__value=normalise(kind, value),
            contact_points__removed_at=None,
        )


class Customer(models.Model):
    """A person known to one brand. The same human at another brand is another customer."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="customers", db_index=False)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=10, default="en")
    country = models.CharField(max_length=2, blank=True, help_text=_("ISO 3166 code."))
    city = models.CharField(max_length=80, blank=True)
    time_zone = models.CharField(max_length=40, blank=True, help_text=_("Empty: that of the brand."))
    created_at = models.DateTimeField(default=clock.now, editable=False)
    findable = models.GeneratedField(
        expression=Func(F("name"), function="customers_findable"),
        output_field=models.TextField(),
        db_persist=True,
        help_text=_("The words of the name as they are looked for: a space before each, no accents."),
    )

    objects = CustomerQuerySet.as_manager()

    class Meta:
        permissions = [("serve_customer", "Can make and edit customers on the desk")]
        constraints = [
            # Lets other tables point at (id, brand), so that no row can ever join two brands.
            models.UniqueConstraint(fields=["id", "brand"], name="customers_customer_of_its_brand"),
        ]
        indexes = [
            models.Index("brand", newest(), name="customers_customer_newest"),
            models.Index(fields=["brand", "name", "id"], name="customers_customer_by_name"),
            models.Index(
                fields=["brand", "findable"], opclasses=["int8_ops", "text_pattern_ops"],
                name="customers_customer_begins",
            ),
            GinIndex(
                fields=["brand", "findable"], opclasses=["int8_ops", "gin_trgm_ops"],
                name="customers_customer_words",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name or str(_("Unknown"))

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def zone(self) -> str:
        """The name of the time zone the customer lives in, as far as we know; always one there is."""
        return clock.zone(self.time_zone, self.brand.time_zone).key

    def spend_of_twelve_months(self, at: datetime | None = None) -> int:
        """What was bought and not refunded in the trailing twelve months, in minor units of the brand's currency."""
        at = at or clock.now()
        orders = self.orders.filter(placed_at__gt=at - timedelta(days=365), placed_at__lte=at).paid()
        return orders.aggregate(sum=Sum(F("total_minor") - F("refunded_minor")))["sum"] or 0


class CurrentContactPoints(models.Manager.from_queryset(OfBrandQuerySet)):  # type: ignore[misc]
    """The addresses in use: who asks for a customer's addresses never gets one that was taken away."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(removed_at=None)


class ContactPoint(models.Model):
    """An address that reaches a customer: stored in its one normal form, once in use within a brand.

    One that was taken away stays as a row, for the messages and calls that went to it; `objects` leaves it
    out, `ever` knows it.
    """

    Kind = Kind

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contact_points")
    kind = models.CharField(max_length=10, choices=Kind)
    value = models.CharField(
        max_length=254, help_text=_("Mail in lower case, phone in E.164, handle as network:name.")
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = CurrentContactPoints()
    ever = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "kind", "value"],
                condition=Q(removed_at__isnull=True),
                name="customers_contactpoint_once_a_brand",
            ),
            models.CheckConstraint(condition=~Q(value=""), name="customers_contactpoint_not_empty"),
            models.CheckConstraint(
                condition=~Q(kind="phone") | Q(value__regex=r"^\+[1-9][0-9]{4,14}$"),
                name="customers_contactpoint_phone_is_e164",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["mail", "phone", "handle"]), name="customers_contactpoint_kind_known"
            ),
            # Lets other tables point at (id, customer), so that no row can ever join two customers.
            models.UniqueConstraint(fields=["id", "customer"], name="customers_contactpoint_of_its_customer"),
        ]
        indexes = [
            models.Index(
                F("brand"), OpClass(F("value"), name="text_pattern_ops"),
                condition=Q(removed_at__isnull=True), name="customers_contactpoint_begins",
            ),
            models.Index(
                F("brand"), OpClass(Reverse(F("value")), name="text_pattern_ops"),
                condition=Q(kind="phone", removed_at__isnull=True), name="customers_contactpoint_ends",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.value


class Consent(models.Model):
    """What a customer allowed or forbade, when and where. The newest line of a purpose counts."""

    class Purpose(models.TextChoices):
        PROGRAMME = "programme", _("Membership in the loyalty programme")
        CALLS = "calls", _("Being called")
        MARKETING = "marketing", _("News and offers")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose)
    given = models.BooleanField()
    source = models.CharField(
        max_length=80, help_text=_("Where it was said: checkout, call, self-service page.")
    )
    by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "purpose", "-recorded_at"], name="customers_consent_newest")
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {_('yes') if self.given else _('no')}"


class CustomerChange(models.Model):
    """What was changed on a customer, by whom: written with the deed, never changed. Holds codes and ids only.

    What an address said stands in its contact point, what the profile said in `ChangeWords`: both can be
    erased, this row cannot.
    """

    class Kind(models.TextChoices):
        CREATED = "created", _("customer made")
        PROFILE = "profile", _("profile changed")
        ADDED = "added", _("address added")
        REMOVED = "removed", _("address removed")
        CORRECTED = "corrected", _("address corrected")
        VERIFIED = "verified", _("address confirmed")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind)
    by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    data = models.JSONField(default=dict, blank=True)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["created", "profile", "added", "removed", "corrected", "verified"]),
                name="customers_change_kind_known",
            ),
        ]
        indexes = [models.Index(fields=["customer", "-at", "-id"], name="customers_change_newest")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.customer_id}"


class ChangeWordsQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        return self.filter(change__brand__in=Brand.objects.visible_to(agent))


class ChangeWords(models.Model):
    """What the profile said before and after a change, by field; the part of the history that can be erased."""

    change = models.OneToOneField(CustomerChange, models.PROTECT, primary_key=True, related_name="words")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    objects = ChangeWordsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "change words"

    def __str__(self) -> str:
        return ", ".join(self.after)


class OrderQuerySet(OfBrandQuerySet):
    def paid(self) -> OrderQuerySet:
        """Orders that count as spend."""
        return self.exclude(status=Order.Status.CANCELLED)


class Order(models.Model):
    """Something bought. Amounts are in minor units (cents) of the order's currency."""

    class Status(models.TextChoices):
        PLACED = "placed", _("placed")
        SHIPPED = "shipped", _("shipped")
        DELIVERED = "delivered", _("delivered")
        LOST = "lost", _("lost")
        RETURNED = "returned", _("returned")
        CANCELLED = "cancelled", _("cancelled")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="orders")
    number = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=Status, default=Status.PLACED)
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField(help_text=_("What was paid, in minor units."))
    refunded_minor = models.BigIntegerField(default=0)
    placed_at = models.DateTimeField()

    objects = OrderQuerySet.as_manager()

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
