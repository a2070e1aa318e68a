"""Why points are given."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet


class Reason(models.Model):
    """Why points are given. `sentence` is what the customer reads, with {points} and {worth}."""

    class Kind(models.TextChoices):
        APOLOGY = "apology", _("apology")
        DELIGHT = "delight", _("delight")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="goodwill_reasons")
    code = models.SlugField(max_length=40)
    label = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.APOLOGY)
    min_points = models.PositiveIntegerField(default=50)
    default_points = models.PositiveIntegerField(default=200)
    max_points = models.PositiveIntegerField(default=1000)
    sentence = models.CharField(max_length=300)
    is_active = models.BooleanField(default=True)
    rank = models.PositiveSmallIntegerField(default=0, help_text=_("Order on the desk."))

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["rank", "label"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "code"], name="goodwill_reason_code_once_a_brand"),
            models.CheckConstraint(
                condition=Q(min_points__gt=0)
                & Q(min_points__lte=F("default_points"))
                & Q(default_points__lte=F("max_points")),
                name="goodwill_reason_points_in_order",
                violation_error_message=_(
                    "The least, the usual and the most points stand in this order, above 0."
                ),
            ),
            # Lets other tables point at (id, brand), so that no row can ever join two brands.
            models.UniqueConstraint(fields=["id", "brand"], name="goodwill_reason_of_its_brand"),
        ]

    def __str__(self) -> str:
        return self.label

    def words(self, points: int, worth: str) -> str:
        """What the customer reads about `points` given for this reason; `worth` is their value as money."""
        return self.sentence.replace("{points}", str(points)).replace("{worth}", worth)
