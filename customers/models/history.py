"""What was changed on a customer, and the words of it that can be erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.guards import append_only

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
from customers.models.people import Customer


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
        MERGED = "merged", _("merged with another")
        UNMERGED = "unmerged", _("merge undone")

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
                condition=Q(
                    kind__in=[
                        "created",
                        "profile",
                        "added",
                        "removed",
                        "corrected",
                        "verified",
                        "merged",
                        "unmerged",
                    ]
                ),
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
