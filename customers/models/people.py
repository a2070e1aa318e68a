"""One person of exactly one brand, the ways to reach them, and what they allowed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Reverse
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet, initials_of
from contactcenter import clock
from contactcenter.guards import append_only
from contactcenter.paging import newest
from customers.contact import Kind, normalise


def month_and_day(birthday: str) -> tuple[int | None, int | None]:
    """The two figures of a birthday written as 02-29; nothing of one that is not known."""
    month, _dash, day = birthday.partition("-")
    return (int(month), int(day)) if birthday else (None, None)


class CustomerQuerySet(OfBrandQuerySet):
    def in_use(self) -> CustomerQuerySet:
        """Without those who were merged into another: they are out of every list, and a deed on them goes on."""
        return self.filter(merged_into=None)

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
    birth_month = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    birth_day = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    key = models.CharField(  # noqa: DJ001  only a form gives one, and without one nothing is repeated
        max_length=64, unique=True, null=True, editable=False, help_text=_("Makes a repeated form harmless.")
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,  # of a few only: an index that holds the others as well tempts the planner
        related_name="+",
        help_text=_("Who has all that was theirs now."),
    )
    compared_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("When the same person was looked for; empty: it is due."),
    )
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
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="customers_customer_merged_into_another",
            ),
            models.CheckConstraint(
                condition=Q(birth_month__isnull=True, birth_day__isnull=True)
                | Q(birth_month__isnull=False, birth_day__isnull=False)
                & (
                    Q(birth_month__in=[1, 3, 5, 7, 8, 10, 12], birth_day__range=(1, 31))
                    | Q(birth_month__in=[4, 6, 9, 11], birth_day__range=(1, 30))
                    | Q(birth_month=2, birth_day__range=(1, 29))
                ),
                name="customers_customer_birthday_is_a_day",
            ),
        ]
        indexes = [
            models.Index("brand", newest(), name="customers_customer_newest"),
            models.Index(
                fields=["birth_month", "birth_day"], condition=Q(birth_month__isnull=False),
                name="customers_customer_birthday",
            ),
            models.Index(fields=["brand", "name", "id"], name="customers_customer_by_name"),
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="customers_customer_merged",
            ),
            models.Index(
                fields=["id"], condition=Q(compared_at__isnull=True, merged_into__isnull=True),
                name="customers_customer_to_compare",
            ),
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
    def birthday(self) -> str:
        """Month and day as 02-29; nothing where it is not known."""
        return f"{self.birth_month:02d}-{self.birth_day:02d}" if self.birth_month and self.birth_day else ""

    @birthday.setter
    def birthday(self, day: str) -> None:
        self.birth_month, self.birth_day = month_and_day(day)

    @property
    def zone(self) -> str:
        """The name of the time zone the customer lives in, as far as we know; always one there is."""
        return clock.zone(self.time_zone, self.brand.time_zone).key

    def who_stays(self) -> Customer:
        """Who has all that was this customer's: themselves while nobody has merged them. A query for each merge."""
        stays = self
        while stays.merged_into_id:
            stays = Customer.objects.select_related("brand").get(pk=stays.merged_into_id)
        return stays

    def spend_of_twelve_months(self, at: datetime | None = None) -> int:
        """What was bought and not refunded in the trailing twelve months, in minor units of the brand's currency."""
        spent = self.orders.of_twelve_months(at or clock.now()).spent()
        return next(iter(spent), 0)  # grouped by the customer: one row, or none where nothing was bought


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

    # The key over both columns holds them: one of each alone would only cost another look at every row.
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_constraint=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contact_points", db_constraint=False)
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
                F("brand"), Func(F("value"), function="customers_mailbox"),
                condition=Q(kind="mail", removed_at__isnull=True), name="customers_contactpoint_mailbox",
            ),
            models.Index(
                F("brand"), OpClass(Reverse(F("value")), name="text_pattern_ops"),
                condition=Q(kind="phone", removed_at__isnull=True), name="customers_contactpoint_ends",
            ),
            models.Index(
                fields=["value", "brand", "kind"], condition=Q(removed_at__isnull=False),
                name="customers_contactpoint_removed",
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
        STATEMENT = "statement", _("A statement of points by e-mail each month")

    # The key over both columns holds them: one of each alone would only cost another look at every row.
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_constraint=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="consents", db_index=False, db_constraint=False
    )
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
            models.Index(fields=["customer", "purpose", "-recorded_at"], name="customers_consent_newest"),
            models.Index(
                fields=["brand", "customer"],
                condition=Q(purpose="statement", given=True),
                name="customers_consent_statement",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {_('yes') if self.given else _('no')}"
