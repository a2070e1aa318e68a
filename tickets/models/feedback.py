"""The one question after a ticket was solved: whom a brand asks, when, and what they answered."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter.paging import newest
from tickets.models.queues import Queue
from tickets.models.tickets import Ticket

GOOD, BAD = 4, 2  # from this score on it is a good answer, up to that one a bad one


class SurveyRule(models.Model):
    """Whom a brand asks, and what a bad answer brings; a brand without a rule asks nobody."""

    brand = models.OneToOneField(Brand, models.PROTECT, related_name="+")
    share_percent = models.PositiveSmallIntegerField(
        default=100,
        help_text=_("Of a hundred tickets that are solved, so many are asked about; 0 asks nobody."),
    )
    hours_after = models.PositiveSmallIntegerField(
        default=24, help_text=_("Asked so many hours after the ticket was solved.")
    )
    days_between = models.PositiveSmallIntegerField(
        default=14, help_text=_("A customer is asked once within so many days at most.")
    )
    on_bad = models.CharField(
        max_length=20, default="nothing", help_text=_("What a bad answer (one or two of five) brings.")
    )

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(share_percent__lte=100),
                name="tickets_surveyrule_share_of_a_hundred",
                violation_error_message=_("A share is a hundred percent at most."),
            ),
            models.CheckConstraint(
                condition=Q(hours_after__lte=720),
                name="tickets_surveyrule_asks_while_known",
                violation_error_message=_("Ask within thirty days, while people remember."),
            ),
            models.CheckConstraint(
                condition=Q(on_bad__regex=r"^[a-z_]+$"), name="tickets_surveyrule_step_is_code"
            ),
        ]

    def __str__(self) -> str:
        return str(self.brand)


class SurveyQuerySet(OfBrandQuerySet):
    def to_ask(self, at: datetime) -> SurveyQuerySet:
        """What is to be asked by `at`, the oldest first."""
        return self.filter(state="waiting", due_at__lte=at).order_by("due_at", "pk")

    def answered(self) -> SurveyQuerySet:
        return self.filter(state="answered")

    def share_of_good(self, most: int = 10_000) -> tuple[int, int]:
        """How many of the newest answers among these (`most` at most) are good, and how many those are."""
        scores = list(self.answered().order_by("-pk").values_list("score", flat=True)[:most])
        return sum(score >= GOOD for score in scores), len(scores)


class Survey(models.Model):
    """The question about one ticket: planned when it was solved, asked once, answered by the customer or not.

    `queue` and `agent` are those the ticket had when it was solved.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits to be asked")
        ASKED = "asked", _("asked")
        ANSWERED = "answered", _("answered")
        DROPPED = "dropped", _("not asked")

    class Score(models.IntegerChoices):
        VERY_BAD = 1, _("very bad")
        BAD = 2, _("bad")
        MIDDLING = 3, _("neither")
        GOOD = 4, _("good")
        VERY_GOOD = 5, _("very good")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    ticket = models.OneToOneField(Ticket, models.PROTECT, related_name="survey")
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="+", db_index=False)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    resolved_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    why_not = models.CharField(max_length=20, blank=True, help_text=_("Why nobody was asked."))
    asked_at = models.DateTimeField(null=True, blank=True)
    score = models.PositiveSmallIntegerField(choices=Score, null=True, blank=True)
    comment = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", due_at__isnull=False)
                | Q(state__in=["asked", "answered", "dropped"], due_at=None),
                name="tickets_survey_waiting_has_due",
            ),
            models.CheckConstraint(
                condition=Q(state="answered", score__isnull=False, answered_at__isnull=False)
                | (~Q(state="answered") & Q(score=None, answered_at=None)),
                name="tickets_survey_answered_has_score",
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=1, score__lte=5), name="tickets_survey_score_of_five"
            ),
        ]
        indexes = [
            models.Index("brand", newest(), name="tickets_survey_newest"),
            models.Index(fields=["due_at", "id"], condition=Q(state="waiting"), name="tickets_survey_to_ask"),
            models.Index("brand", newest(), condition=Q(state="answered"), name="tickets_survey_answers"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.ticket_id}"

    @property
    def is_bad(self) -> bool:
        return self.score is not None and self.score <= BAD
