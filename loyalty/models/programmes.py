"""The rules by which a brand gives points."""

from __future__ import annotations

import zoneinfo

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet


class Programme(models.Model):
    """The rules by which one brand gives points. Amounts of money are in minor units of its currency."""

    class Clawback(models.TextChoices):
        DEBT = "debt", _("the balance may go below zero")
        CLAMP = "clamp", _("it stops at zero, the rest is forgiven")

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

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(validity_months__gte=1, goodwill_months__gte=1),
                name="loyalty_programme_points_live",
                violation_error_message=_("Points live for a month at least."),
            ),
            models.UniqueConstraint(fields=["id", "brand"], name="loyalty_programme_of_its_brand"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)
