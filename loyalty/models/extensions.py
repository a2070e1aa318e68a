"""Lots that live longer than they would have, because the customer waited on us while they ended."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Brand
from contactcenter.guards import append_only
from loyalty import tier_windows
from loyalty.models.ledger import Lot

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from agents.models import Agent


class LotExtensionQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        return self.filter(lot__account__brand__in=Brand.objects.visible_to(agent))


class LotExtension(models.Model):
    """That a lot ends at `until` and not at `was_until`, and how many points of it came back that had expired.

    `source` is what it was for (`ticket:FF-4812`), once a lot; `first_until` the end it had before any extension.
    `seq` is the account's last line after it. Written once by `services`, never changed; the lot has the newest end.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="extensions", db_index=False)
    source = models.CharField(max_length=80)
    waited = models.DurationField(help_text=_("How long the customer waited on us."))
    first_until = models.DateTimeField()
    was_until = models.DateTimeField()
    until = models.DateTimeField()
    points = models.IntegerField(default=0, help_text=_("That had expired and came back."))
    seq = models.PositiveIntegerField()
    key = models.CharField(max_length=80, unique=True, help_text=_("Makes a repeated request harmless."))
    request_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    objects = LotExtensionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "source"], name="loyalty_lotextension_once_a_source"),
            models.CheckConstraint(
                condition=Q(until__gt=F("was_until"), was_until__gte=F("first_until")),
                name="loyalty_lotextension_is_later",
            ),
            models.CheckConstraint(condition=Q(points__gte=0), name="loyalty_lotextension_gives"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.source} {self.lot_id}"

    @property
    def last_day(self) -> date:
        """The last day, in the programme's zone, on which these points can be spent now."""
        return tier_windows.last_day_before(self.until, self.lot.account.programme.zone)

    @property
    def reference(self) -> str:
        """The ticket it was for, as people name it; "" for something else."""
        kind, _colon, name = self.source.partition(":")
        return name if kind == "ticket" else ""
