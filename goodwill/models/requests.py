"""Every grant that was asked for, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.paging import newest
from customers.models import Order
from goodwill.models.budgets import Budget
from goodwill.models.pledges import Pledge
from goodwill.models.reasons import Reason
from loyalty.models import Account, Benefit, Entry, GivenBenefit, Redemption, Reward
from tickets.models import Message, Ticket

WAITS_FOR = timedelta(hours=48)  # then a request that nobody answered has lapsed


class RequestQuerySet(OfBrandQuerySet):
    def counting(self) -> RequestQuerySet:
        """What counts against limits: given, waiting for an answer, or for the customer to choose."""
        return self.filter(state__in=["waiting", "posted", "open"])

    def with_given_at(self) -> RequestQuerySet:
        """Each with `given_at`: chosen by the customer, agreed to, or given as it was asked for."""
        return self.annotate(given_at=Coalesce("offer__chosen_at", "decided_at", "asked_at"))

    def to_lapse(self, at: datetime) -> RequestQuerySet:
        """What has waited long enough."""
        return self.filter(lapses_at__lte=at, state="waiting").order_by("lapses_at", "pk")

    def to_pass_on(self, at: datetime) -> RequestQuerySet:
        """Urgent ones that whoever was asked has not answered in time."""
        return self.filter(passes_at__lte=at).order_by("passes_at", "pk")


class Request(models.Model):
    """Points asked for on a ticket, as an apology or as delight, and what became of it.

    Within the limits of who asks they are given at once; else the request waits for somebody whose own limits allow
    it (`approver`, and a `second` person above a further limit), for 48 hours at the most. An urgent one is put to one
    person on duty (`asked_of`) after the other, of whom `passed` are those who did not answer by `passes_at`. `message`
    is what the customer is to read once it is agreed to, `said` the message as it went out. `entry` is what gave the
    points, `returned` what took them back. `suggested` is what was suggested then, with its `parts`.

    A `reward` or a `benefit` is given instead of points, which are what it is worth then: `redemption` or
    `given_benefit` is what gave it. Of one that the customer chooses from (see `Offer`) the points are those of the
    dearest until they have.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        POSTED = "posted", _("given")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        LAPSED = "lapsed", _("lapsed")
        UNDONE = "undone", _("undone")
        REVERSED = "reversed", _("taken back")
        OPEN = "open", _("the customer chooses")
        CALLED = "called", _("a call instead")

    GIVEN = (State.POSTED, State.UNDONE, State.REVERSED)

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="goodwill")
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("Empty: the customer is no member; they may have a voucher."),
    )  # fmt: skip
    reason = models.ForeignKey(Reason, models.PROTECT, related_name="requests")
    budget = models.ForeignKey(Budget, models.PROTECT, null=True, blank=True, related_name="requests")
    points = models.PositiveIntegerField()
    reward = models.ForeignKey(Reward, models.PROTECT, null=True, blank=True, related_name="+")
    benefit = models.ForeignKey(Benefit, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text=_("Empty where a pledge pays: nobody is charged with it."),
    )  # fmt: skip
    pledge = models.ForeignKey(Pledge, models.PROTECT, null=True, blank=True, related_name="requests")
    key = models.CharField(max_length=64, unique=True, help_text=_("Makes a repeated request harmless."))
    words = models.CharField(max_length=500, blank=True, help_text=_("What whoever decides should know."))
    bound = models.CharField(max_length=20, blank=True, help_text=_("The limit that made it wait."))
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    loss_minor = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text=_("Money that the customer lost, in minor units of the brand’s currency."),
    )
    suggested = models.PositiveIntegerField(null=True, blank=True, editable=False)
    parts = models.JSONField(default=list, blank=True, editable=False)
    message = models.TextField(max_length=10_000, blank=True, help_text=_("Goes out when it is agreed to."))
    said = models.OneToOneField(Message, models.PROTECT, null=True, blank=True, related_name="+")
    is_urgent = models.BooleanField(default=False, help_text=_("The customer is on the line."))
    asked_of = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    passed = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    passes_at = models.DateTimeField(null=True, blank=True, editable=False)
    takes_two = models.BooleanField(default=False, help_text=_("Two people have to agree."))
    state = models.CharField(max_length=10, choices=State, default=State.POSTED)
    approver = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    second = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="+")
    redemption = models.OneToOneField(
        Redemption, models.PROTECT, null=True, blank=True, related_name="goodwill"
    )
    given_benefit = models.OneToOneField(
        GivenBenefit, models.PROTECT, null=True, blank=True, related_name="goodwill"
    )
    returned = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    lapses_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        permissions = [
            ("grant_goodwill", "Can grant goodwill points on a ticket"),
            ("approve_goodwill", "Can agree to goodwill that others asked for"),
        ]
        constraints = [
            # Lets other tables point at (id, brand), so that no row can ever join two brands.
            models.UniqueConstraint(fields=["id", "brand"], name="goodwill_request_of_its_brand"),
            models.CheckConstraint(condition=Q(points__gt=0), name="goodwill_request_gives_something"),
            models.CheckConstraint(
                # What was given has its entry, or its voucher, or its benefit: one of them, never two, never none.
                condition=Q(
                    state__in=["posted", "undone", "reversed"],
                    reward=None,
                    benefit=None,
                    entry__isnull=False,
                    redemption=None,
                    given_benefit=None,
                )
                | Q(
                    state__in=["posted", "undone", "reversed"],
                    reward__isnull=False,
                    entry=None,
                    redemption__isnull=False,
                    given_benefit=None,
                )
                | Q(
                    state__in=["posted", "undone", "reversed"],
                    benefit__isnull=False,
                    entry=None,
                    redemption=None,
                    given_benefit__isnull=False,
                )
                | Q(
                    state__in=["waiting", "declined", "withdrawn", "lapsed", "open", "called"],
                    entry=None,
                    redemption=None,
                    given_benefit=None,
                ),
                name="goodwill_request_posted_has_entry",
            ),
            models.CheckConstraint(
                condition=Q(reward=None) | Q(benefit=None), name="goodwill_request_gives_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(entry=None, given_benefit=None),
                name="goodwill_request_points_need_account",
            ),
            models.CheckConstraint(
                condition=Q(state="undone", returned__isnull=False)
                | (Q(state="undone") & (Q(redemption__isnull=False) | Q(given_benefit__isnull=False)))
                | Q(state="reversed")
                | (~Q(state__in=["undone", "reversed"]) & Q(returned__isnull=True)),
                name="goodwill_request_taken_back_has_entry",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", lapses_at__isnull=False)
                | (~Q(state="waiting") & Q(lapses_at__isnull=True)),
                name="goodwill_request_waits_for_a_time",
            ),
            models.CheckConstraint(
                condition=(Q(approver=None) | ~Q(approver=F("by")))
                & (
                    Q(second=None)
                    | (Q(approver__isnull=False) & ~Q(second=F("by")) & ~Q(second=F("approver")))
                ),
                name="goodwill_request_takes_others",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | Q(approver__isnull=False),
                name="goodwill_request_declined_by",
            ),
            models.CheckConstraint(
                condition=Q(passes_at=None)
                | Q(state="waiting", is_urgent=True, asked_of__isnull=False),
                name="goodwill_request_passes_while_it_waits",
            ),
            models.CheckConstraint(
                condition=Q(asked_of=None) | ~Q(asked_of=F("by")), name="goodwill_request_is_put_to_others"
            ),
            models.CheckConstraint(
                condition=Q(said=None) | Q(state__in=["posted", "undone", "reversed"]),
                name="goodwill_request_said_when_given",
            ),
            # A pledge pays in nobody's name, from its budget, as the supervisor who published it has decided.
            models.CheckConstraint(
                condition=Q(by__isnull=False, pledge=None)
                | Q(by=None, pledge__isnull=False, budget__isnull=False, approver__isnull=False),
                name="goodwill_request_by_somebody_or_a_pledge",
            ),
            # One order is made good once for one reason, whoever asks, on whatever ticket.
            models.UniqueConstraint(
                fields=["order", "reason"], condition=Q(state__in=["waiting", "posted", "open"]),
                name="goodwill_request_once_an_order",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index("brand", newest(), name="goodwill_request_newest"),
            models.Index(fields=["ticket", "state"], name="goodwill_request_of_ticket"),
            models.Index(fields=["brand", "asked_at"], name="goodwill_request_by_time"),
            models.Index(fields=["by", "asked_at"], name="goodwill_request_of_agent"),
            models.Index(
                fields=["lapses_at", "id"],
                condition=Q(lapses_at__isnull=False),
                name="goodwill_request_to_lapse",
            ),
            models.Index(
                fields=["passes_at", "id"],
                condition=Q(passes_at__isnull=False),
                name="goodwill_request_to_pass_on",
            ),
        ]
        triggers = [
            # As for the tasks of a shop: neither of the two ever changes, and the table of orders is large.
            pgtrigger.Trigger(
                name="order_of_one_brand",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("order_id", "brand_id"),
                condition=pgtrigger.Q(new__order__isnull=False),
                func=(
                    "IF NOT EXISTS (SELECT FROM customers_order o WHERE o.id = NEW.order_id"
                    " AND o.brand_id = NEW.brand_id) THEN RAISE EXCEPTION 'the order is of another brand'"
                    " USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'goodwill_request_order_is_of_its_brand';"
                    " END IF; RETURN NEW;"
                ),
            )
        ]

    @property
    def asker(self) -> Agent:
        """Who asked for it. A pledge pays in nobody's name: it has none, and asks nobody."""
        if self.by is None:
            raise ValueError("nobody asked for what a pledge pays")
        return self.by

    def __str__(self) -> str:
        return f"{self.points} · {self.reason}"
