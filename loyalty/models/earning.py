"""The rules by which points are earned, and campaigns that give more for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand
from loyalty.models.programmes import Programme

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class EarningRuleQuerySet(models.QuerySet["EarningRule"]):
    def visible_to(self, agent: Agent | AnonymousUser) -> EarningRuleQuerySet:
        """Only rules of brands this agent serves."""
        return self.filter(programme__brand__in=Brand.objects.visible_to(agent))


class EarningRule(models.Model):
    """For what a programme gives points. What it gives is said by its versions, each valid from an instant."""

    class Event(models.TextChoices):
        ORDER = "order", _("an order")
        SIGNUP = "signup", _("becoming a member")
        CONTACT = "contact", _("a first contact on a channel")
        BIRTHDAY = "birthday", _("a birthday")
        REFERRAL = "referral", _("bringing a friend")
        REFERRED = "referred", _("being brought by a member")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="earning_rules")
    code = models.SlugField(max_length=20, help_text=_("Stands in the ledger beside the points it gave."))
    name = models.CharField(max_length=80)
    event = models.CharField(max_length=10, choices=Event, default=Event.ORDER)

    objects = EarningRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], name="loyalty_earningrule_code_once"),
            models.CheckConstraint(
                condition=Q(event__in=["order", "signup", "contact", "birthday", "referral", "referred"]),
                name="loyalty_earningrule_event_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OfRuleQuerySet(models.QuerySet[Any]):
    """Questions of the tables that hang on a rule."""

    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        """Only rows of brands this agent serves."""
        return self.filter(rule__programme__brand__in=Brand.objects.visible_to(agent))

    def live(self) -> Any:
        """What counts, or will: no drafts."""
        return self.filter(live_at__isnull=False)


def _stays_when_live(*, but: str = "") -> list[pgtrigger.Trigger]:
    """Triggers: what is live is neither deleted nor changed, `but` for one column, if named."""
    live = pgtrigger.Q(old__live_at__isnull=False)
    moved = f"OLD.live_at IS NOT NULL AND to_jsonb(NEW) - '{but}' IS DISTINCT FROM to_jsonb(OLD) - '{but}'"
    return [
        pgtrigger.Protect(
            name="live_stays", operation=pgtrigger.Update, condition=pgtrigger.Condition(moved)
        ),
        pgtrigger.Protect(name="live_is_kept", operation=pgtrigger.Delete, condition=live),
    ]


class RuleVersion(models.Model):
    """What a rule gives from `valid_from` on. A draft until it is live; from then on it is never changed.

    At an instant the version with the highest number counts that is live and valid by then. Points: for every
    whole unit of currency of the lines that count, and `bonus` besides, if those lines come to `minimum_minor`.
    """

    class Rounding(models.TextChoices):
        DOWN = "down", _("down")
        NEAREST = "nearest", _("to the nearest, halves up")
        UP = "up", _("up")

    class Counts(models.TextChoices):
        NOTHING = "nothing", _("nothing")
        BASE = "base", _("the points before multipliers and campaigns")
        ALL = "all", _("all points it gives")

    rule = models.ForeignKey(EarningRule, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(editable=False)
    valid_from = models.DateTimeField(null=True, blank=True, editable=False)
    live_at = models.DateTimeField(null=True, blank=True, editable=False)
    live_by = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    points_per_unit = models.PositiveIntegerField(
        default=0, help_text=_("For every whole unit of currency paid.")
    )
    bonus = models.PositiveIntegerField(default=0, help_text=_("Points given once, whatever was paid."))
    minimum_minor = models.PositiveBigIntegerField(
        default=0, help_text=_("What has to be paid for the lines that count, in minor units (cents).")
    )
    skus = ArrayField(
        models.CharField(max_length=60), default=list, blank=True,
        help_text=_("Only lines of these articles count; empty: all."),
    )  # fmt: skip
    categories = ArrayField(
        models.CharField(max_length=60), default=list, blank=True,
        help_text=_("Only lines of these categories count; empty: all."),
    )  # fmt: skip
    excluded_skus = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text=_("Articles that never count.")
    )  # fmt: skip
    excluded_categories = ArrayField(
        models.CharField(max_length=60), default=list, blank=True,
        help_text=_("Categories that never count: gift cards."),
    )  # fmt: skip
    channels = ArrayField(
        models.CharField(max_length=20), default=list, blank=True,
        help_text=_("Only what came by these channels counts; empty: all."),
    )  # fmt: skip
    tier_percents = models.JSONField(
        default=dict, blank=True,
        help_text=_('By the code of the tier, in percent: {"gold": 150}. Left out: 100.'),
    )  # fmt: skip
    rounding = models.CharField(
        max_length=7, choices=Rounding, default=Rounding.DOWN, help_text=_("After multiplying.")
    )
    counts = models.CharField(
        max_length=7, choices=Counts, default=Counts.NOTHING, help_text=_("What counts towards tiers.")
    )
    cap_per_day = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Points of one customer on one day of the programme’s zone.")
    )
    cap_per_customer = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Points of one customer for ever.")
    )

    objects = OfRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="loyalty_ruleversion_number_once"),
            models.UniqueConstraint(
                fields=["rule"], condition=Q(live_at__isnull=True), name="loyalty_ruleversion_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(live_at__isnull=True, valid_from__isnull=True)
                | Q(live_at__isnull=False, valid_from__isnull=False),
                name="loyalty_ruleversion_live_from_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(rounding__in=["down", "nearest", "up"], counts__in=["nothing", "base", "all"]),
                name="loyalty_ruleversion_words_known",
            ),
        ]
        triggers = _stays_when_live()

    def __str__(self) -> str:
        return f"{self.rule.code} {self.number}"


class Campaign(models.Model):
    """More points by one rule in [starts_at, ends_at): times `percent`, and `bonus` besides; `tiers` empty: for all.

    Where several run at once, the one that gives the most counts alone. A draft until it is live; then only its end
    can be moved.
    """

    rule = models.ForeignKey(EarningRule, models.PROTECT, related_name="campaigns")
    code = models.SlugField(max_length=30, help_text=_("Stands in the ledger beside the points it gave."))
    name = models.CharField(max_length=80)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    percent = models.PositiveIntegerField(default=100, help_text=_("200: twice the points."))
    bonus = models.PositiveIntegerField(default=0, help_text=_("Points besides, once for each order."))
    tiers = ArrayField(
        models.CharField(max_length=20), default=list, blank=True,
        help_text=_("Codes of the tiers it is for; empty: for all."),
    )  # fmt: skip
    live_at = models.DateTimeField(null=True, blank=True, editable=False)
    live_by = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = OfRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "code"], name="loyalty_campaign_code_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="loyalty_campaign_runs"),
            models.CheckConstraint(
                condition=Q(percent__gte=100) & (Q(percent__gt=100) | Q(bonus__gt=0)),
                name="loyalty_campaign_gives_more",
            ),
        ]
        triggers = _stays_when_live(but="ends_at")

    def __str__(self) -> str:
        return self.name
