"""Who a caller really is: what a brand asks for, what was found out, and the codes that are on their way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.guards import append_only
from contactcenter.paging import newest
from customers.models.people import ContactPoint, Customer
from customers.verification import CODE_TRIES, DEFAULTS, Deed, Level

LEVELS = [
    (Level.UNKNOWN.value, _("nothing")),
    (Level.KNOWN.value, _("the agent’s judgement")),
    (Level.ANSWERED.value, _("questions answered")),
    (Level.CODE.value, _("a code confirmed")),
]
KNOWN_LEVELS = [level.value for level in Level]


def level_field(deed: Deed) -> Any:
    """The column that says what a deed needs."""
    return models.PositiveSmallIntegerField(deed.label, choices=LEVELS, default=DEFAULTS[deed].value)


class VerificationPolicy(models.Model):
    """What a brand asks of callers before what; a brand without one asks what a new row would say."""

    brand = models.OneToOneField(Brand, models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField(
        default=60, help_text=_("So long a verification holds; then it is asked for again.")
    )
    codes_an_hour = models.PositiveSmallIntegerField(
        default=3, help_text=_("So many codes are sent to one customer within an hour.")
    )
    questions = ArrayField(
        models.CharField(max_length=20),
        default=list,
        blank=True,
        help_text=_("What the caller may be asked, compared by the system; none: all that is known."),
    )
    right_answers = models.PositiveSmallIntegerField(
        default=2, help_text=_("So many of these questions have to be answered rightly.")
    )
    own_questions = models.TextField(
        blank=True,
        max_length=1000,
        help_text=_("Further questions, one a line: the agent judges the answer, which proves little."),
    )
    see = level_field(Deed.SEE)
    change = level_field(Deed.CHANGE)
    redeem = level_field(Deed.REDEEM)
    transfer = level_field(Deed.TRANSFER)
    adjust = level_field(Deed.ADJUST)
    merge = level_field(Deed.MERGE)
    statement = level_field(Deed.STATEMENT)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("verification policies")
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__range=(1, 1440), codes_an_hour__range=(1, 20)),
                name="customers_verificationpolicy_in_bounds",
                violation_error_message=_("From 1 to 1,440 minutes, and from 1 to 20 codes an hour."),
            ),
            models.CheckConstraint(
                condition=Q(right_answers__range=(1, 5)),
                name="customers_verificationpolicy_asks_something",
                violation_error_message=_("From 1 to 5 right answers."),
            ),
            models.CheckConstraint(
                condition=Q(*[(f"{deed.value}__in", KNOWN_LEVELS) for deed in Deed]),
                name="customers_verificationpolicy_levels_known",
            ),
        ]

    def __str__(self) -> str:
        return str(self.brand)

    def needs(self, deed: Deed) -> int:
        """The level that a deed needs."""
        level: int = getattr(self, deed.value)
        return level

    @property
    def free_questions(self) -> list[str]:
        """The questions whose answers the agent judges."""
        return [line.strip() for line in self.own_questions.splitlines() if line.strip()]


class VerificationQuerySet(OfBrandQuerySet):
    def holding(self, at: datetime) -> VerificationQuerySet:
        """What is not over at `at`, the newest first; also what ends what was found out before."""
        return self.filter(until__gt=at).order_by("-id")


class Verification(models.Model):
    """What was found out of who a caller is, in one conversation: written once, never changed, over by itself.

    `conversation` is `ticket:` and its id, or `agent:` and the id of who served the customer outside of a ticket.
    Level 0 is a try with too few right answers; by `merge` it ends all that was found out before.
    """

    class Method(models.TextChoices):
        JUDGED = "judged", _("the agent’s judgement")
        QUESTIONS = "questions", _("questions")
        CODE = "code", _("code")
        MERGE = "merge", _("customers merged or parted")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="verifications", db_index=False)
    conversation = models.CharField(max_length=40)
    level = models.PositiveSmallIntegerField(choices=LEVELS)
    method = models.CharField(max_length=10, choices=Method)
    by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    until = models.DateTimeField()

    objects = VerificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(method="judged", level=1)
                | Q(method="questions", level__in=[0, 2])
                | Q(method="code", level=3)
                | Q(method="merge", level__in=[0, 1, 2, 3]),
                name="customers_verification_level_fits_method",
            ),
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="customers_verification_holds"),
            models.CheckConstraint(
                condition=Q(conversation__regex="^(ticket|agent):[0-9]+$"),
                name="customers_verification_of_a_conversation",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-at"], name="customers_verification_latest"),
            models.Index("brand", newest(), name="customers_verification_newest"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.method} {self.level}"


class SentCode(models.Model):
    """A code that was sent to an address of a customer, and what became of it. The digits stand in no row."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        CONFIRMED = "confirmed", _("confirmed")
        VOID = "void", _("void")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    contact_point = models.ForeignKey(ContactPoint, models.PROTECT, related_name="+")
    conversation = models.CharField(max_length=40)
    nonce = models.CharField(max_length=32)
    tries = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(tries__lte=CODE_TRIES), name="customers_sentcode_few_tries"),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at__isnull=True, tries__lt=CODE_TRIES)
                | Q(state__in=["confirmed", "void"], ended_at__isnull=False),
                name="customers_sentcode_state_fits",
            ),
            models.UniqueConstraint(
                fields=["customer", "conversation"],
                condition=Q(state="waiting"),
                name="customers_sentcode_one_waits",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-asked_at"], name="customers_sentcode_hour"),
            models.Index("brand", newest(), name="customers_sentcode_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"
