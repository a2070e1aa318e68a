"""What is done on tickets without a person: rules, the versions that were in force, and what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.guards import append_only
from contactcenter.paging import newest
from tickets.models.tickets import Ticket

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Trigger(models.TextChoices):
    """When a rule looks at a ticket: kinds of audit lines, words said, or the clock."""

    OPENED = "opened", _("a ticket is opened")
    HEARD = "heard", _("the customer writes")
    ANSWERED = "answered", _("we write to the customer")
    ASSIGNED = "assigned", _("a ticket is assigned or handed back")
    STATUS = "status", _("a status changes")
    RESOLVED = "resolved", _("a ticket is resolved")
    REOPENED = "reopened", _("a ticket is reopened")
    MOVED = "moved", _("a ticket goes to another queue")
    LATE = "late", _("a promise of time is broken")
    PRIORITY = "priority", _("a priority changes")
    TYPE = "type", _("a type changes")
    TAGGED = "tagged", _("a tag is put on")
    UNTAGGED = "untagged", _("a tag is taken off")
    WOKEN = "woken", _("a ticket is back from being put off")
    GOODWILL = "goodwill", _("goodwill is given")
    CALLBACK = "callback", _("a callback is promised, kept or moved")
    TIME = "time", _("time goes by")


class RuleQuerySet(OfBrandQuerySet):
    def in_force(self, event: str) -> RuleQuerySet:
        """The rules that look when `event` happens, in the order in which they do."""
        rules = self.filter(is_active=True, live__event=event).select_related("live__made_by")
        return rules.order_by("position", "pk")


class Rule(models.Model):
    """What is to be done on tickets of a brand by itself. What is in force is `live`; the rest is the next draft of it.

    `is_active` and `position` count at once, everything else with the next version.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=10, help_text=_("The lowest is looked at first."))
    is_active = models.BooleanField(default=False)
    event = models.CharField(
        _("when"), max_length=10, choices=Trigger, default=Trigger.OPENED, help_text=_("When it looks.")
    )
    conditions = models.JSONField(default=dict, blank=True)
    actions = models.JSONField(default=list, blank=True)
    stop = models.BooleanField(default=False, help_text=_("Where it was done, no rule after it looks."))
    live = models.ForeignKey(
        "RuleVersion", models.PROTECT, null=True, editable=False, related_name="+", db_index=False,
        help_text=_("What is in force; empty before the first version."),
    )  # fmt: skip
    swept_to = models.BigIntegerField(
        default=0, editable=False, help_text=_("The ticket up to which the clock has looked; 0: all of them.")
    )

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "name"],
                name="tickets_rule_name_once_a_brand",
                violation_error_message=_("This brand has a rule of that name."),
            ),
            models.UniqueConstraint(fields=["id", "brand"], name="tickets_rule_of_its_brand"),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(live__isnull=False),
                name="tickets_rule_active_is_published",
                violation_error_message=_("Publish a version of it first."),
            ),
            models.CheckConstraint(condition=Q(event__in=Trigger.values), name="tickets_rule_event_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def version(self) -> RuleVersion:
        """What is in force, of a rule of which something is."""
        return cast("RuleVersion", self.live)


class RuleVersionQuerySet(models.QuerySet["RuleVersion"]):
    def visible_to(self, agent: Agent | AnonymousUser) -> RuleVersionQuerySet:
        return self.filter(rule__brand__in=Brand.objects.visible_to(agent))


class RuleVersion(models.Model):
    """A rule as it was published once. `made_by` answers for it: it speaks and gives in their name and limits."""

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    event = models.CharField(max_length=10, choices=Trigger)
    conditions = models.JSONField()
    actions = models.JSONField()
    stop = models.BooleanField()
    made_by = models.ForeignKey(Agent, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(default=clock.now)

    objects = RuleVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="tickets_ruleversion_number_once"),
            # Lets a rule and its runs point at (id, rule): a version in force is one of its own.
            models.UniqueConstraint(fields=["id", "rule"], name="tickets_ruleversion_of_its_rule"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return str(_("version %d") % self.number)


class Occasion(models.Model):
    """Something that happened on a ticket and that a rule in force waits for: the row is the job, gone when looked at.

    Written by triggers with the line of the audit or the message itself (tickets/occasions.py), so that no deed can
    forget it and none is seen before it is committed. `depth`: how many rules stand between it and a person.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+")
    event = models.CharField(max_length=10, choices=Trigger)
    at = models.DateTimeField()
    depth = models.PositiveSmallIntegerField(default=0)

    objects = OfBrandQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.event} {self.ticket_id}"


class RuleRun(models.Model):
    """That the conditions of a rule held, and what came of it. `key` names the occasion: nothing runs twice for one."""

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        FUSED = "fused", _("stopped by the fuse")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="runs", db_index=False)
    version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+", db_index=False)
    event = models.CharField(max_length=10, choices=Trigger)
    key = models.CharField(max_length=60)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=Outcome)
    sentence = models.CharField(max_length=500, blank=True, help_text=_("Why it was refused."))
    depth = models.PositiveSmallIntegerField(default=0)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "key"], name="tickets_rulerun_once_an_occasion"),
            models.CheckConstraint(
                condition=Q(outcome__in=["done", "refused", "fused"]), name="tickets_rulerun_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome="done") | ~Q(sentence=""), name="tickets_rulerun_refusal_says_why"
            ),
        ]
        indexes = [
            models.Index("brand", newest(), name="tickets_rulerun_newest"),
            models.Index(fields=["ticket", "at"], name="tickets_rulerun_of_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.ticket_id} {self.outcome}"
