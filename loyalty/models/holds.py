"""Points reserved for a while, and corrections that wait for a second person."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from loyalty.models.accounts import Account
from loyalty.models.ledger import Entry, OfAccountQuerySet


class Hold(models.Model):
    """`points` of an account that nobody else can spend until they are captured, released, or `expires_at`.

    `Account.held` is the sum of the open ones. A captured hold names the entry that spent its points.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CAPTURED = "captured", _("captured")
        RELEASED = "released", _("released")
        EXPIRED = "expired", _("expired")

    account = models.ForeignKey(Account, models.PROTECT, related_name="holds")
    points = models.IntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    key = models.CharField(max_length=80, unique=True)
    request_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="hold")
    actor = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    ended_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=40, blank=True, help_text=_("A code, never free text."))

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="loyalty_hold_reserves_something"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "captured", "released", "expired"]),
                name="loyalty_hold_state_known",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="loyalty_hold_runs"),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True)
                | (~Q(state="open") & Q(ended_at__isnull=False)),
                name="loyalty_hold_ended_when_over",
            ),
            models.CheckConstraint(
                condition=Q(state="captured", entry__isnull=False)
                | (~Q(state="captured") & Q(entry__isnull=True)),
                name="loyalty_hold_captured_has_entry",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at", "account"], condition=Q(state="open"), name="loyalty_hold_open_by_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} {self.state}"


class Adjustment(models.Model):
    """A correction above what one person may do alone: asked by one, decided by another."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")

    account = models.ForeignKey(Account, models.PROTECT, related_name="adjustments")
    points = models.IntegerField(help_text=_("To give; with a minus, to take."))
    reason = models.CharField(max_length=40, help_text=_("A code, never free text."))
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    key = models.CharField(max_length=80, unique=True)
    request_hash = models.CharField(max_length=64)
    requester = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    approver = models.ForeignKey(
        Agent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Who approved or declined."),
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="adjustment")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(points=0), name="loyalty_adjustment_moves_points"),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "approved", "declined"]),
                name="loyalty_adjustment_state_known",
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | ~Q(approver=F("requester")),
                name="loyalty_adjustment_takes_two",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", approver__isnull=True, decided_at__isnull=True)
                | (~Q(state="asked") & Q(approver__isnull=False, decided_at__isnull=False)),
                name="loyalty_adjustment_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="approved", entry__isnull=False)
                | (~Q(state="approved") & Q(entry__isnull=True)),
                name="loyalty_adjustment_approved_has_entry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points:+d} {self.state}"
