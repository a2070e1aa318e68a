"""Why customers write: a tree of reasons for each brand, and what an agent should ask and do about each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

DEEPEST = 4  # steps from the top of the tree, the top one counted
BETWEEN = " › "


class ContactReasonQuerySet(OfBrandQuerySet):
    def with_parents(self) -> ContactReasonQuerySet:
        """With all that `path` walks over, in the same question."""
        return self.select_related("parent__parent__parent")

    def offered(self, brand_id: int) -> ContactReasonQuerySet:
        """What an agent may choose: a reason of the brand that is active, under nothing that is not."""
        steps = (
            "is_active",
            "parent__is_active",
            "parent__parent__is_active",
            "parent__parent__parent__is_active",
        )
        rows = self.filter(brand=brand_id).with_parents()
        for step in steps:
            rows = rows.exclude(**{step: False})
        return rows


class ContactReason(models.Model):
    """Why a customer wrote, under a broader reason or at the top.

    `depth` counts from 1 at the top. A reason points at a parent that is one step above itself: the database holds
    both columns to the parent's row, so that a ring cannot be drawn and nothing lies deeper than four steps.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children",
        help_text=_("The broader reason; empty: at the top. It stays, so that reports can be compared."),
    )  # fmt: skip
    depth = models.PositiveSmallIntegerField(default=1, editable=False)
    parent_depth = models.GeneratedField(
        expression=F("depth") - 1, output_field=models.SmallIntegerField(), db_persist=True
    )
    label = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(
        default=100, help_text=_("The lowest stands first among its neighbours.")
    )
    is_active = models.BooleanField(
        default=True, help_text=_("Can be chosen; what lies under it can be, too.")
    )

    objects = ContactReasonQuerySet.as_manager()

    class Meta:
        ordering = ["position", "label", "pk"]
        constraints = [
            models.UniqueConstraint(
                "brand", "parent", Lower("label"), nulls_distinct=False, name="tickets_contactreason_label_once",
                violation_error_message=_("There is a reason of that name at this place."),
            ),
            models.UniqueConstraint(fields=["id", "brand"], name="tickets_contactreason_of_its_brand"),
            models.UniqueConstraint(fields=["id", "depth"], name="tickets_contactreason_of_its_depth"),
            models.CheckConstraint(
                condition=Q(parent=None, depth=1) | Q(parent__isnull=False, depth__gte=2, depth__lte=DEEPEST),
                name="tickets_contactreason_four_steps",
                violation_error_message=_("Reasons lie in four steps at most."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.label

    @property
    def path(self) -> str:
        """Where it lies, from the top: Delivery › Late › Lost. Read `with_parents`, or each step is a question."""
        return f"{self.parent.path}{BETWEEN}{self.label}" if self.parent else self.label

    def line(self) -> list[int]:
        """The ids of the reason and of all above it. Read `with_parents`."""
        return [self.pk, *(self.parent.line() if self.parent else [])]


class ChecklistItemQuerySet(models.QuerySet["ChecklistItem"]):
    def visible_to(self, agent: Agent | AnonymousUser) -> ChecklistItemQuerySet:
        return self.filter(reason__brand__in=Brand.objects.visible_to(agent))

    def of(self, reason: ContactReason) -> ChecklistItemQuerySet:
        """What is to be asked and done about a reason: its own lines after those of the reasons above it."""
        rows = self.filter(reason__in=reason.line(), is_active=True)
        return rows.order_by("reason__depth", "position", "pk")


class ChecklistItem(models.Model):
    """A line of a reason's checklist: a question to ask, or a remedy to offer."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("Question")
        REMEDY = "remedy", _("Remedy")

    reason = models.ForeignKey(ContactReason, models.PROTECT, related_name="checklist")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.QUESTION)
    text = models.CharField(max_length=160)
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    objects = ChecklistItemQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["id", "reason"], name="tickets_checklistitem_of_its_reason"),
            models.CheckConstraint(
                condition=Q(kind__in=["question", "remedy"]), name="tickets_checklistitem_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.text


def picture_of(reasons: list[ContactReason]) -> list[tuple[ContactReason, Any]]:
    """Each reason with its path, as they lie in the tree: every one before what lies under it."""
    return sorted(((one, one.path) for one in reasons), key=lambda pair: place_of(pair[0]))


def place_of(reason: ContactReason) -> list[tuple[int, str, int]]:
    """What sorts a reason into the tree. Read `with_parents`."""
    own = (reason.position, reason.label.casefold(), reason.pk)
    return [*(place_of(reason.parent) if reason.parent else []), own]
