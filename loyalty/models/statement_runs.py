"""The months whose statements are sent, each worked off once for a programme."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet
from loyalty.models.programmes import Programme


class StatementRun(models.Model):
    """The statements of one month to the members who want them: how far they are written, and since when all are."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    month = models.DateField(help_text=_("Its first day."))
    after = models.BigIntegerField(default=0, help_text=_("Written up to the customer with this id."))
    letters = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "month"], name="loyalty_statementrun_month_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="loyalty_statementrun_of_a_month"),
        ]
        indexes = [
            models.Index(
                fields=["month", "id"],
                condition=Q(done_at__isnull=True),
                name="loyalty_statementrun_to_write",
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
