"""The rules by which a brand gives points."""

from __future__ import annotations

import zoneinfo
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet
from loyalty import expiry_ends, tier_windows


class Programme(models.Model):
    """The rules by which one brand gives points. Amounts of money are in minor units of its currency."""

    class Clawback(models.TextChoices):
        DEBT = "debt", _("the balance may go below zero")
        CLAMP = "clamp", _("it stops at zero, the rest is forgiven")

    class Expiry(models.TextChoices):
        AGE = "age", _("so long after they were earned")
        INACTIVITY = "inactivity", _("after so long without a deed of the member")
        FIXED_DAY = "fixed_day", _("on a day of the year, once they are old enough")

    brand = models.OneToOneField(Brand, models.PROTECT, related_name="programme")
    code = models.SlugField(
        max_length=12, unique=True, help_text=_("Stands before account numbers: CODE-0000001.")
    )
    name = models.CharField(max_length=80)
    unit_name = models.CharField(max_length=20, default="points")
    time_zone = models.CharField(
        max_length=40, default="UTC", help_text=_("Whose midnight ends a year or a lot.")
    )
    validity_months = models.PositiveIntegerField(default=24, help_text=_("Points of an order live so long."))
    goodwill_months = models.PositiveIntegerField(
        default=12, help_text=_("Points given as an apology live so long.")
    )
    goodwill_spend_percent = models.PositiveSmallIntegerField(
        default=10, db_default=10,
        help_text=_("An apology is suggested up to this share (%) of what the customer spent in twelve months."),
    )  # fmt: skip
    point_value_minor = models.PositiveIntegerField(
        default=1, help_text=_("What a point is worth when spent.")
    )
    clawback = models.CharField(
        max_length=5,
        choices=Clawback,
        default=Clawback.DEBT,
        help_text=_("When points of a refund are spent already."),
    )
    restore_grace_days = models.PositiveIntegerField(
        default=30, help_text=_("Points of a spend that is undone after they expired live so long again.")
    )
    delay_days = models.PositiveSmallIntegerField(
        default=30,
        db_default=30,
        help_text=_(
            "Points that end while a ticket waits on us live so many days longer at most; 0: they end all the same."
        ),
    )
    adjust_limit = models.PositiveIntegerField(
        default=10_000,
        help_text=_("A supervisor adjusts up to so many points alone; above, a second person agrees."),
    )
    adjust_limit_administrator = models.PositiveIntegerField(
        default=100_000, help_text=_("The same for an administrator.")
    )

    confirm_above = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text=_("Above so many points the customer confirms by a code what an agent spends for them."),
    )
    pending_days = models.PositiveSmallIntegerField(
        default=0, help_text=_("Points of an order are pending for so many days; 0: they are owned at once.")
    )

    expiry_mode = models.CharField(
        max_length=10,
        choices=Expiry,
        default=Expiry.AGE,
        help_text=_("When points end; for those earned from now on."),
    )
    inactivity_months = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Points end after so many months without earning or spending.")
    )
    expiry_month = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Of the fixed day: 1 to 12.")
    )
    expiry_day = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Of the fixed day: 1 to 31.")
    )

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(validity_months__gte=1, goodwill_months__gte=1),
                name="loyalty_programme_points_live",
                violation_error_message=_("Points live for a month at least."),
            ),
            models.CheckConstraint(
                condition=Q(expiry_mode="age")
                | Q(expiry_mode="inactivity", inactivity_months__isnull=False, inactivity_months__gte=1)
                | Q(
                    expiry_mode="fixed_day",
                    expiry_month__isnull=False,
                    expiry_day__isnull=False,
                    expiry_month__range=(1, 12),
                    expiry_day__range=(1, 31),
                ),
                name="loyalty_programme_expiry_is_told",
                violation_error_message=_("Say after how many months, or on which day, points end."),
            ),
            models.CheckConstraint(
                condition=Q(delay_days__lte=366),
                name="loyalty_programme_delay_is_bounded",
                violation_error_message=_("A year at most."),
            ),
            models.UniqueConstraint(fields=["id", "brand"], name="loyalty_programme_of_its_brand"),
        ]

    def __str__(self) -> str:
        return self.name

    def end_of(self, at: datetime, months: int) -> datetime | None:
        """When points of `at` that live `months` end: a local midnight; None where only inactivity ends them."""
        if self.expiry_mode == self.Expiry.INACTIVITY:
            return None
        if self.expiry_mode == self.Expiry.FIXED_DAY and self.expiry_month and self.expiry_day:
            return expiry_ends.fixed_day(at, months, self.zone, month=self.expiry_month, day=self.expiry_day)
        return tier_windows.months_on(at, months, self.zone)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)
