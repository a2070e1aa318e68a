"""The tiers of a programme, and the versions of what they take and how long they last."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand
from loyalty import tier_rules, tier_windows
from loyalty.models.programmes import Programme

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

PUBLISHED = "this version of the tiers is published and stays as it is"

_OF_PUBLISHED = (
    "IF EXISTS (SELECT 1 FROM loyalty_tierset WHERE published_at IS NOT NULL"
    " AND id IN (NEW.tier_set_id, OLD.tier_set_id))"
)


class OfProgrammeQuerySet(models.QuerySet[Any]):
    """Questions of the tables that hang on a programme."""

    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        """Only rows of brands this agent serves."""
        return self.filter(programme__brand__in=Brand.objects.visible_to(agent))


class Tier(models.Model):
    """A status of a programme's members. What it takes says the version of the tiers that is in force."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="tiers")
    rank = models.PositiveSmallIntegerField(help_text=_("1 is the first; higher is better."))
    code = models.SlugField(max_length=20)
    name = models.CharField(max_length=40)
    goodwill_percent = models.PositiveSmallIntegerField(
        default=0, db_default=0,
        help_text=_("So much more (%) is suggested as an apology to members of this tier."),
    )  # fmt: skip

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "rank"], name="loyalty_tier_rank_once"),
            models.UniqueConstraint(fields=["programme", "code"], name="loyalty_tier_code_once"),
            # Lets an account point at (id, programme): its tier is one of its own programme.
            models.UniqueConstraint(fields=["id", "programme"], name="loyalty_tier_of_its_programme"),
        ]

    def __str__(self) -> str:
        return self.name


class TierSetQuerySet(OfProgrammeQuerySet):
    def in_force(self, programme: Programme, at: datetime) -> TierSetQuerySet:
        """The version of `programme` that is in force at the instant `at`: one row, or none."""
        day = at.astimezone(programme.zone).date()
        return self.filter(programme=programme, published_at__isnull=False, in_force_from__lte=day).order_by(
            "-in_force_from"
        )[:1]


class TierSet(models.Model):
    """One version of a programme's tiers: what counts, in which time, and what follows. In force from a local day on.

    A draft can be changed; what is published stays as it is, the database sees to it.
    """

    class Window(models.TextChoices):
        CALENDAR_YEAR = "calendar_year", _("calendar year")
        PROGRAMME_YEAR = "programme_year", _("programme year")
        ROLLING = "rolling", _("the last months")
        ANNIVERSARY = "anniversary", _("year of membership")
        LIFETIME = "lifetime", _("all time")

    class Needs(models.TextChoices):
        ALL = "all", _("all that is asked for")
        ANY = "any", _("any of it")

    class Review(models.TextChoices):
        DROP_TO_EARNED = "drop_to_earned", _("down to what was earned")
        ONE_LEVEL = "one_level", _("one level down at most")
        NONE = "none", _("never down")

    class Refunds(models.TextChoices):
        KEEP_UNTIL_EXPIRY = "keep_until_expiry", _("the tier is kept until it ends")
        IMMEDIATE = "immediate", _("the tier is lowered at once")
        WITHIN_DAYS = "within_days", _("lowered at once within some days of reaching it")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="tier_sets")
    version = models.PositiveSmallIntegerField()
    in_force_from = models.DateField(
        null=True, blank=True, help_text=_("From the midnight of the programme’s zone that begins this day.")
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    window = models.CharField(max_length=20, choices=Window, default=Window.CALENDAR_YEAR)
    months = models.PositiveSmallIntegerField(default=12, help_text=_("Length of a rolling window."))
    year_month = models.PositiveSmallIntegerField(default=1, help_text=_("Month a programme year begins in."))
    year_day = models.PositiveSmallIntegerField(default=1, help_text=_("Day a programme year begins on."))
    needs = models.CharField(max_length=3, choices=Needs, default=Needs.ALL)
    review = models.CharField(max_length=20, choices=Review, default=Review.DROP_TO_EARNED)
    grace_days = models.PositiveSmallIntegerField(
        default=0, help_text=_("So long the benefits of a tier outlive it.")
    )
    refunds = models.CharField(max_length=20, choices=Refunds, default=Refunds.KEEP_UNTIL_EXPIRY)
    refund_days = models.PositiveSmallIntegerField(default=30)
    # How far the members have been carried over to this version: the job's own bookmark.
    followed_up_to = models.BigIntegerField(default=0, editable=False)
    followed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TierSetQuerySet.as_manager()

    class Meta:
        ordering = ["programme", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "version"], name="loyalty_tierset_version_once"),
            models.UniqueConstraint(
                fields=["programme", "in_force_from"],
                condition=Q(published_at__isnull=False),
                name="loyalty_tierset_one_from_a_day",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(in_force_from__isnull=False),
                name="loyalty_tierset_published_has_day",
            ),
            models.CheckConstraint(condition=Q(months__gte=1), name="loyalty_tierset_months_pass"),
            models.CheckConstraint(
                condition=Q(year_month__gte=1, year_month__lte=12, year_day__gte=1)
                & (
                    Q(year_day__lte=29)
                    | Q(year_day=30) & ~Q(year_month=2)
                    | Q(year_day=31, year_month__in=[1, 3, 5, 7, 8, 10, 12])
                ),
                name="loyalty_tierset_year_begins_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(window__in=[kind.value for kind in tier_windows.Kind]),
                name="loyalty_tierset_window_known",
            ),
            models.CheckConstraint(
                condition=Q(review__in=[one.value for one in tier_rules.Review]),
                name="loyalty_tierset_review_known",
            ),
            models.CheckConstraint(
                condition=Q(refunds__in=[one.value for one in tier_rules.Refunds]),
                name="loyalty_tierset_refunds_known",
            ),
            # Lets a criterion point at (id, programme).
            models.UniqueConstraint(fields=["id", "programme"], name="loyalty_tierset_of_its_programme"),
        ]
        indexes = [
            models.Index(
                fields=["in_force_from", "id"],
                condition=Q(published_at__isnull=False, followed_at__isnull=True),
                name="loyalty_tierset_to_follow",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_at__isnull=False),
                # The bookmark of the job that carries members over is all that moves.
                func=(
                    "IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - '{followed_up_to,followed_at}'::text[])"
                    " = (to_jsonb(OLD) - '{followed_up_to,followed_at}'::text[]) THEN RETURN NEW; END IF;"
                    f" RAISE EXCEPTION 'pgtrigger: {PUBLISHED}';"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme.code} {self.version}"

    @property
    def is_draft(self) -> bool:
        return self.published_at is None


class Criterion(models.Model):
    """What one tier takes in one version. What is left empty is not asked for."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    tier_set = models.ForeignKey(TierSet, models.PROTECT, related_name="criteria")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="criteria")
    qualifying_points = models.PositiveIntegerField(null=True, blank=True)
    spend_minor = models.PositiveBigIntegerField(
        null=True, blank=True, help_text=_("In minor units (cents) of the brand’s currency.")
    )
    orders = models.PositiveIntegerField(null=True, blank=True)

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "criteria"
        ordering = ["tier_set", "tier__rank"]
        constraints = [
            models.UniqueConstraint(fields=["tier_set", "tier"], name="loyalty_criterion_tier_once"),
            models.CheckConstraint(
                condition=Q(qualifying_points__isnull=False)
                | Q(spend_minor__isnull=False)
                | Q(orders__isnull=False),
                name="loyalty_criterion_asks_something",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=(
                    f"{_OF_PUBLISHED} THEN RAISE EXCEPTION 'pgtrigger: {PUBLISHED}'; END IF;"
                    " RETURN COALESCE(NEW, OLD);"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tier_set_id}: {self.tier_id}"
