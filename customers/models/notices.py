"""Letters that are no word of a conversation: a warning, a code, a statement."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.paging import newest
from customers.models.people import ContactPoint, Customer


class NoticeQuerySet(OfBrandQuerySet):
    def to_send(self, at: datetime, lease_until: datetime) -> NoticeQuerySet:
        """What is due at `at`, and what was claimed before `lease_until` by a worker that died with it."""
        queued = Q(state="queued", due_at__lte=at)
        return self.filter(queued | Q(state="sending", due_at__lte=lease_until))


class Notice(models.Model):
    """A letter to one address, written once under its `key`. `context` holds codes, ids and figures, no secrets."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("not sent")
        DROPPED = "dropped", _("dropped")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="notices")
    contact_point = models.ForeignKey(ContactPoint, models.PROTECT, related_name="+")
    template = models.CharField(max_length=40)
    context = models.JSONField(default=dict, blank=True)
    key = models.CharField(max_length=80, unique=True, help_text=_("Makes a letter be written once."))
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    due_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True, help_text=_("After this it says nothing any more."))
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    written_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending", "sent", "failed", "dropped"]),
                name="customers_notice_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending"], due_at__isnull=False)
                | Q(state__in=["sent", "failed", "dropped"], due_at__isnull=True),
                name="customers_notice_waiting_has_due",
            ),
        ]
        indexes = [
            models.Index("brand", newest(), name="customers_notice_newest"),
            models.Index(
                fields=["brand", "written_at"],
                condition=Q(template="acknowledgement"),
                name="customers_notice_automatic",
            ),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state__in=["queued", "sending"]),
                name="customers_notice_to_send",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.pk}"
