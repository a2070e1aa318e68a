"""Points that are promised and not owned yet."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loyalty.models.accounts import Account
from loyalty.models.ledger import Entry, OfAccountQuerySet


class PendingGrant(models.Model):
    """Points of an order that become the account's at `matures_at`, if the order is not given back before.

    `points` is what is left of `granted`. Once matured, `entry` is the line of the ledger they became; it
    happened when the order was placed.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        MATURED = "matured", _("matured")
        CANCELLED = "cancelled", _("cancelled")

    account = models.ForeignKey(Account, models.PROTECT, related_name="pending_grants")
    granted = models.PositiveIntegerField()
    points = models.PositiveIntegerField()
    qualifying = models.PositiveIntegerField(default=0)
    matures_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    is_open = models.BooleanField(default=True)
    key = models.CharField(max_length=80, unique=True, help_text=_("Makes a repeated order harmless."))
    contra = models.CharField(
        max_length=24, default="issue.order", db_default="issue.order", editable=False,
        help_text=_("What the entry says they were given for."),
    )  # fmt: skip
    source = models.CharField(max_length=80, help_text=_("What it came from: order:A-20931."))
    occurred_at = models.DateTimeField(help_text=_("When the order was placed."))
    breakdown = models.JSONField(default=dict, blank=True)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="pending_grant")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(granted__gt=0, points__lte=F("granted"), qualifying__lte=F("granted")),
                name="loyalty_pendinggrant_points_in_range",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="pending", is_open=True, points__gt=0, entry__isnull=True)
                    | Q(state="matured", is_open=False, points__gt=0, entry__isnull=False)
                    | Q(state="cancelled", is_open=False, points=0, entry__isnull=True)
                ),
                name="loyalty_pendinggrant_state_fits",
            ),
        ]
        indexes = [
            models.Index(
                fields=["matures_at", "id"],
                condition=Q(is_open=True),
                name="loyalty_pendinggrant_to_mature",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} {self.source}"
