"""A promise and its life: a call or a task within a window of time, and every change of its state."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet, Team
from contactcenter import clock
from contactcenter.guards import append_only
from contactcenter.paging import newest
from customers.models import ContactPoint, Customer
from tickets.models import ContactReason, Ticket

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

# As literals for constraints and partial indexes, which know no class that is still being made.
WAITING = ["promised", "no_answer", "moved"]
AT_WORK = ["due", "offered", "accepted", "in_call"]
ENDED = ["kept", "cancelled", "missed", "given_up"]


class CallbackQuerySet(OfBrandQuerySet):
    def to_look_at(self, at: datetime) -> CallbackQuerySet:
        """What a sweep has something to do for at `at`, the longest due first."""
        return self.filter(look_at__lte=at).order_by("look_at", "id")

    def due(self, at: datetime) -> CallbackQuerySet:
        """Promises whose window has opened and that nobody has been told of yet."""
        return self.to_look_at(at).filter(state__in=WAITING, window_from__lte=at)

    def at_work(self) -> CallbackQuerySet:
        """What is to be kept now: due, offered, accepted or in a call."""
        return self.filter(state__in=AT_WORK)

    def on_the_desk_of(self, agent: Agent) -> CallbackQuerySet:
        """What this agent is to do now, what ends first stands first: their own, and what is offered to them."""
        theirs = Q(owner=agent, state__in=["due", "accepted", "in_call"]) | Q(offered_to=agent)
        return self.at_work().filter(theirs).order_by("window_to", "id")

    def open(self) -> CallbackQuerySet:
        return self.filter(state__in=Callback.OPEN)

    def overdue(self, at: datetime) -> CallbackQuerySet:
        """Promises still to be kept whose window was over before `at`."""
        return self.open().filter(window_to__lt=at)

    def late(self, at: datetime) -> CallbackQuerySet:
        """Promises missed at `at`, and those first tried after the window the customer was told."""
        kept_late = Q(state="kept", called_at__gt=F("promised_to"))
        return self.filter(kept_late | Q(state="missed") | Q(state__in=Callback.OPEN, window_to__lt=at))


class Callback(models.Model):
    """A promise to call a customer, or with `kind` task to do something, within a window (UTC instants).

    `zone` is the customer's, in which the window was offered. The row is the job: `look_at` is when the clock has
    something to do for it next (UTC; empty: nothing more). `promised_to` is the end of the window as the customer
    knows it: a retry after no answer has a window of its own. A missed promise stays missed; the one that `follows`
    it makes up for it.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("Callback")
        TASK = "task", _("Task")

    class Channel(models.TextChoices):
        VOICE = "voice", _("Voice")
        VIDEO = "video", _("Video link")

    class State(models.TextChoices):
        PROMISED = "promised", _("promised")
        DUE = "due", _("due")
        OFFERED = "offered", _("offered")
        ACCEPTED = "accepted", _("accepted")
        IN_CALL = "in_call", _("in call")
        NO_ANSWER = "no_answer", _("no answer, tried again")
        MOVED = "moved", _("moved")
        KEPT = "kept", _("kept")
        CANCELLED = "cancelled", _("cancelled")
        MISSED = "missed", _("missed")
        GIVEN_UP = "given_up", _("given up")

    class Source(models.TextChoices):
        DESK = "desk", _("Agent on the desk")
        RESOLVED = "resolved", _("Follow-up of a resolved ticket")
        LEDGER = "ledger", _("Points or tier about to be lost")
        RULE = "rule", _("Macro or rule")
        API = "api", _("Another system")
        PAGE = "page", _("The customer, on the request page")
        MISSED = "missed", _("Makes up for a missed promise")
        FEEDBACK = "feedback", _("A bad answer to our question")

    WAITING, AT_WORK, ENDED = WAITING, AT_WORK, ENDED
    OPEN = [*WAITING, *AT_WORK]

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="callbacks")
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, blank=True, related_name="callbacks")
    contact_point = models.ForeignKey(ContactPoint, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CALL)
    channel = models.CharField(
        max_length=10, choices=Channel, default=Channel.VOICE, db_default=Channel.VOICE
    )
    source = models.CharField(max_length=10, choices=Source, default=Source.DESK, db_default=Source.DESK)
    reason = models.CharField(max_length=160)
    notes = models.TextField(max_length=2000, blank=True, default="", db_default="")
    topic = models.ForeignKey(
        ContactReason, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("The contact reason it is counted under."),
    )  # fmt: skip
    priority = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text=_("The rank of the customer's tier: the highest is offered first.")
    )
    owner = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, related_name="callbacks", db_index=False,
        help_text=_("Empty: whoever of the team can take it."),
    )  # fmt: skip
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text=_("Who calls where the owner cannot; empty: the brand's."),
    )  # fmt: skip
    window_from = models.DateTimeField()
    window_to = models.DateTimeField()
    promised_to = models.DateTimeField(
        help_text=_("The end of the window the customer was last told."),
    )
    zone = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.PROMISED)
    look_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the clock has something to do for it next.")
    )
    reminded_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When its owner was told that it comes.")
    )
    due_since = models.DateTimeField(null=True, blank=True, help_text=_("When it was handed to its owner."))
    offered_to = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    offer_until = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the supervisors were told that nobody takes it.")
    )
    called_at = models.DateTimeField(
        null=True, blank=True, help_text=_("The first try since the window was last promised.")
    )
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    follows = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="followed_by",
        help_text=_("The missed promise that this one makes up for."),
    )  # fmt: skip
    promised_by = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("Empty: the customer chose it, or the house did."),
    )  # fmt: skip
    promised_at = models.DateTimeField(default=clock.now)
    key = models.CharField(max_length=64, unique=True, help_text=_("Makes a repeated promise harmless."))
    request_hash = models.CharField(max_length=64)  # what was promised first: `move` changes the window

    objects = CallbackQuerySet.as_manager()

    class Meta:
        permissions = [
            ("promise_callback", "Can promise callbacks and keep them"),
            ("direct_callback", "Can move and hand over the callbacks of others"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(window_to__gt=F("window_from")), name="callbacks_callback_window_runs"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*WAITING, *AT_WORK], ended_at__isnull=True)
                | Q(state__in=ENDED, ended_at__isnull=False),
                name="callbacks_callback_ended_when_over",
            ),
            models.CheckConstraint(
                condition=~Q(kind="call") | Q(contact_point__isnull=False),
                name="callbacks_callback_call_has_number",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=False) | Q(team__isnull=False),
                name="callbacks_callback_is_somebodys",
            ),
            # Whoever is offered it is so until a time; accepted or called, somebody has it.
            models.CheckConstraint(
                condition=Q(state="offered", offered_to__isnull=False, offer_until__isnull=False)
                | ~Q(state="offered") & Q(offered_to__isnull=True, offer_until__isnull=True),
                name="callbacks_callback_offered_to_one",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "in_call"]) | Q(owner__isnull=False),
                name="callbacks_callback_taken_by_one",
            ),
            # Nothing that is still to be kept is forgotten, nothing that is over is looked at.
            models.CheckConstraint(
                condition=Q(state__in=ENDED, look_at__isnull=True)
                | Q(state__in=[*WAITING, *AT_WORK], kind="call", look_at__isnull=False)
                | Q(state__in=WAITING, kind="task", look_at__isnull=False)
                | Q(state__in=AT_WORK, kind="task"),
                name="callbacks_callback_looked_at_while_open",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["call", "task"], channel__in=["voice", "video"]),
                name="callbacks_callback_kind_known",
            ),
            models.UniqueConstraint(
                fields=["ticket"],
                condition=Q(kind="call", state__in=[*WAITING, *AT_WORK]),
                name="callbacks_callback_one_open_call_a_ticket",
            ),
            # An agent has one ear: one offer at a time, one call at a time.
            models.UniqueConstraint(
                fields=["offered_to"],
                condition=Q(offered_to__isnull=False),
                name="callbacks_callback_one_offer_an_agent",
            ),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(state="in_call"), name="callbacks_callback_one_call_an_agent"
            ),
            models.UniqueConstraint(fields=["id", "brand"], name="callbacks_callback_of_its_brand"),
        ]
        indexes = [
            models.Index("brand", newest(), name="callbacks_callback_newest"),
            models.Index("brand", "state", newest(), name="callbacks_callback_by_state"),
            models.Index("brand", "owner", newest(), name="callbacks_callback_by_owner"),
            models.Index(
                fields=["look_at", "id"],
                condition=Q(look_at__isnull=False),
                name="callbacks_callback_to_look",
            ),
            models.Index(
                fields=["owner", "window_to", "id"],
                condition=Q(state__in=AT_WORK),
                name="callbacks_callback_on_desk",
            ),
            models.Index(
                fields=["team", "window_from"],
                condition=Q(team__isnull=False, state__in=[*WAITING, *AT_WORK]),
                name="callbacks_callback_of_team",
            ),
            models.Index(
                fields=["brand", "-priority", "window_to", "id"],
                condition=Q(state="due", kind="call"),
                name="callbacks_callback_to_offer",
            ),
            models.Index(fields=["owner", "window_from"], name="callbacks_callback_agenda"),
            models.Index(fields=["customer", "-window_from"], name="callbacks_callback_of_customer"),
            models.Index(fields=["brand", "window_from"], name="callbacks_callback_by_day"),
            models.Index(
                fields=["brand", "window_to"],
                condition=Q(state__in=[*WAITING, *AT_WORK]),
                name="callbacks_callback_open_by_end",
            ),
            models.Index(fields=["brand", "promised_to"], name="callbacks_callback_promised_to"),
        ]

    def __str__(self) -> str:
        return self.reason

    def chain(self) -> list[Callback]:
        """The promise and those that it makes up for, the first of them last. A query for each."""
        chain = [self]
        while chain[-1].follows is not None:
            chain.append(chain[-1].follows)
        return chain

    @property
    def is_call(self) -> bool:
        return self.kind == Callback.Kind.CALL

    @property
    def is_open(self) -> bool:
        return self.state in Callback.OPEN


class CallbackEventQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        return self.filter(callback__brand__in=Brand.objects.visible_to(agent))


class CallbackEvent(models.Model):
    """One change in the life of a promise, written with the deed: codes, ids and instants, no words of a person."""

    class Kind(models.TextChoices):
        PROMISED = "promised", _("promised")
        REMINDED = "reminded", _("owner reminded")
        DUE = "due", _("due")
        OFFERED = "offered", _("offered")
        DECLINED = "declined", _("offer declined")
        LAPSED = "lapsed", _("offer not answered")
        ACCEPTED = "accepted", _("accepted")
        RELEASED = "released", _("given back")
        ESCALATED = "escalated", _("supervisors told")
        CALLED = "called", _("call begun")
        RETRY = "retry", _("not reached, tried again")
        MOVED = "moved", _("moved")
        HANDED = "handed", _("handed over")
        KEPT = "kept", _("kept")
        CANCELLED = "cancelled", _("cancelled")
        MISSED = "missed", _("missed")
        GIVEN_UP = "given_up", _("given up")

    class Actor(models.TextChoices):
        AGENT = "agent", _("agent")
        CUSTOMER = "customer", _("customer")
        HOUSE = "house", _("the house")

    callback = models.ForeignKey(Callback, models.PROTECT, related_name="events", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    actor = models.CharField(max_length=10, choices=Actor)
    by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    data = models.JSONField(default=dict, blank=True)

    objects = CallbackEventQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(actor="agent", by__isnull=False)
                | Q(actor__in=["customer", "house"], by__isnull=True),
                name="callbacks_callbackevent_by_its_actor",
            ),
        ]
        indexes = [models.Index(fields=["callback", "id"], name="callbacks_callbackevent_of")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.callback_id} {self.kind}"
