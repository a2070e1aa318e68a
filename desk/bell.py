"""What an agent was told without having asked, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Notification

SHOWN = 30
COUNT_AT_MOST = 99
# How each kind reads, and the icon before it; a kind that nobody has put into words stands with its code.
WORDS: dict[str, tuple[str, Any]] = {
    "late": ("hourglass", _("A promise was not kept")),
    "almost_late": ("hourglass", _("Soon late")),
    "mentioned": ("users-round", _("You are named in a note")),
    "reply_returned": ("corner-down-left", _("Your reply did not go out: it is your draft again")),
    "consult_answered": ("reply", _("The expert has answered")),
    "consult_flagged": ("circle-alert", _("Somebody else answered the expert's mail")),
    "consult_expired": ("clock", _("The expert has not answered in time")),
    "goodwill_waits": ("scale", _("Goodwill waits for an answer")),
    "goodwill_agreed": ("hand-heart", _("Your goodwill was agreed to and is given")),
    "goodwill_declined": ("x", _("Your goodwill was declined")),
    "goodwill_urgent": ("phone-call", _("Goodwill waits, and the customer is on the line")),
    "goodwill_taken_back": (
        "corner-down-left",
        _("Your goodwill was taken back; the customer was told of it"),
    ),
    "goodwill_lapsed": ("clock", _("Nobody answered your goodwill; it has lapsed")),
    "incident_done": ("hand-heart", _("Goodwill for an incident is given")),
    "goodwill_call": ("phone-call", _("The customer chose a call by a supervisor")),
    "goodwill_not_given": ("circle-alert", _("Nobody chose, and the default could not be given")),
    "pledge_unpaid": ("circle-alert", _("A broken promise was not paid: its budget has no points left")),
    "goodwill_finding": ("circle-alert", _("Something about goodwill stands out")),
    "callback_soon": ("clock", _("You promised a call that comes up soon")),
    "callback_due": ("phone-call", _("What you promised is due now")),
    "callback_offered": ("phone-call", _("A promised call is offered to you")),
    "callback_nobody": ("hourglass", _("Nobody takes a call that was promised")),
    "callback_handed": ("phone-call", _("A promise was handed to you")),
    "callback_missed": ("circle-alert", _("A promised call was not made")),
    "callback_wanted": ("phone-call", _("A customer asks for a call, and none could be promised")),
    "callback_untold": ("circle-alert", _("Say what came of this call")),
    "task_late": ("hourglass", _("A promised task is late")),
    "bad_answer": ("circle-alert", _("The customer was not content")),
}


@dataclass(frozen=True)
class Told:
    """One line behind the bell, and where it leads."""

    pk: int
    icon: str
    words: Any
    subject: str
    address: str
    at: datetime
    is_new: bool


def unread_by(agent: Agent) -> int:
    """How many things an agent has not looked at yet, counted to a hundred."""
    mine = Notification.objects.visible_to(agent).filter(agent=agent)
    return mine.unread().order_by()[: COUNT_AT_MOST + 1].count()


def told_to(agent: Agent) -> list[Told]:
    """The last thirty, the newest first; of a brand that the agent does not serve any more, none."""
    rows = Notification.objects.visible_to(agent).filter(agent=agent).order_by("-id")
    return [_told(row) for row in rows[:SHOWN]]


def _told(row: Notification) -> Told:
    icon, words = WORDS.get(row.kind, ("circle-dot", row.kind))
    return Told(
        row.pk,
        icon,
        words,
        row.subject,
        _leads_to(row),
        row.at,
        row.read_at is None,
    )


def _leads_to(row: Notification) -> str:
    """The ticket it is about, else the page of the promise or the person; a finding: where its evidence stands."""
    if row.kind == "goodwill_finding":
        return reverse("admin:goodwill_finding_look", args=[row.data["finding"]])
    if "callback" in row.data and row.subject.startswith("#"):
        return reverse("desk:callback", args=[row.data["callback"]])
    if row.kind == "callback_wanted":
        return reverse("desk:person", args=[row.data["customer"]])
    return reverse("desk:ticket", args=[row.subject])
