"""Two customers of a brand who are one person: what was merged, exactly what moved, and who is not the same."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.guards import append_only
from contactcenter.paging import newest
from customers.duplicates import words_of
from customers.models.people import Customer

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class MergeQuerySet(OfBrandQuerySet):
    def standing(self) -> MergeQuerySet:
        """Merges that nobody has undone."""
        return self.filter(undone_at=None)


class Merge(models.Model):
    """All that `merged` had is with `kept` since `at`; undone, it is where it was.

    `key` makes a repeated merge harmless, `undo_key` a repeated un-merge. `facts` is what the rooms need to undo
    it: codes, ids and figures, by the name of the step.
    """

    class Reason(models.TextChoices):
        TWICE = "twice", _("Came to us twice")
        ASKED = "asked", _("The customer asked for it")
        IMPORTED = "imported", _("Came twice with an import")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    kept = models.ForeignKey(Customer, models.PROTECT, related_name="merges")
    merged = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10, choices=Reason)
    by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    key = models.CharField(max_length=64, unique=True, help_text=_("Makes a repeated merge harmless."))
    request_hash = models.CharField(max_length=64)
    facts = models.JSONField(default=dict, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    undo_key = models.CharField(
        max_length=64, unique=True, null=True, blank=True, help_text=_("Makes a repeated un-merge harmless.")
    )
    undo_hash = models.CharField(max_length=64, blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        permissions = [("merge_customers", "Can merge customers and undo it")]
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="customers_merge_takes_two"),
            models.CheckConstraint(
                condition=Q(reason__in=["twice", "asked", "imported"]), name="customers_merge_reason_known"
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undo_key__isnull=True)
                | Q(undone_at__isnull=False, undo_key__isnull=False),
                name="customers_merge_undone_has_key",
            ),
            models.UniqueConstraint(
                fields=["merged"], condition=Q(undone_at__isnull=True), name="customers_merge_one_at_a_time"
            ),
        ]
        indexes = [models.Index("brand", newest(), name="customers_merge_newest")]

    def __str__(self) -> str:
        return f"{self.merged_id} > {self.kept_id}"


class MergedRowQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        return self.filter(merge__brand__in=Brand.objects.visible_to(agent))


class MergedRow(models.Model):
    """One row that went from the merged customer to the one who stays: what an un-merge brings back, and no other."""

    merge = models.ForeignKey(Merge, models.PROTECT, related_name="rows", db_index=False)  # the pair is one
    table = models.CharField(max_length=40)
    row = models.BigIntegerField()

    objects = MergedRowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merge", "table", "row"], name="customers_mergedrow_once"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.table} {self.row}"


class NotSame(models.Model):
    """Somebody has looked: these two are two people, and nobody is asked again. `one` has the lower id."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+")
    one = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "not the same"
        constraints = [
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="customers_notsame_in_order"),
            models.UniqueConstraint(fields=["one", "other"], name="customers_notsame_once"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} ≠ {self.other_id}"


class DuplicateQuerySet(OfBrandQuerySet):
    def touching(self, customers: Collection[int]) -> DuplicateQuerySet:
        """Proposals of which one side is among these customers (ids); an index each."""
        return self.filter(Q(one__in=customers) | Q(other__in=customers))

    def of(self, customer: Customer | models.OuterRef) -> DuplicateQuerySet:
        """Proposals of which one side is this customer, or the one of the statement around."""
        return self.filter(Q(one=customer) | Q(other=customer))

    def open(self) -> DuplicateQuerySet:
        """Of people who were not merged meanwhile."""
        return self.filter(one__merged_into=None, other__merged_into=None)

    def likely(self) -> DuplicateQuerySet:
        """For which most speaks stands first."""
        return self.order_by("-score", "id")


class Duplicate(models.Model):
    """Two customers who may be one person, as the clock found them; `one` has the lower id.

    `reasons` are codes of `customers.duplicates`, `score` from 1 to 100 how much speaks for it.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    one = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    score = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=list)
    found_at = models.DateTimeField(default=clock.now)

    objects = DuplicateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="customers_duplicate_in_order"),
            models.CheckConstraint(
                condition=Q(score__range=(1, 100)), name="customers_duplicate_score_in_range"
            ),
            models.UniqueConstraint(fields=["one", "other"], name="customers_duplicate_once"),
        ]
        indexes = [models.Index("brand", newest(), name="customers_duplicate_newest")]

    def __str__(self) -> str:
        return f"{self.one_id} = {self.other_id}?"

    @property
    def words(self) -> str:
        """What speaks for it, for people."""
        return words_of(self.reasons)
