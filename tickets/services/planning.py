"""Which solved tickets are to be asked about, and when: written with the deed that solves them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from tickets.models import Survey, SurveyRule, Ticket


def plan_survey(ticket: Ticket, at: datetime) -> None:
    """Plan the question about a locked ticket that was solved at `at`, as its brand's rule wants it; once a ticket.

    A ticket that is solved again before anybody was asked is asked about from then on.
    """
    rule = SurveyRule.objects.filter(brand=ticket.brand_id).first()
    if rule is None or not is_chosen(ticket, rule.share_percent):
        return
    planned = {
        "queue": ticket.queue, "agent": ticket.assignee, "state": Survey.State.WAITING, "resolved_at": at,
        "due_at": at + timedelta(hours=rule.hours_after), "why_not": "",
    }  # fmt: skip
    survey, made = Survey.objects.get_or_create(
        ticket=ticket, defaults={"brand_id": ticket.brand_id} | planned
    )
    if not made and survey.asked_at is None:
        Survey.objects.filter(pk=survey.pk).update(**planned)


def is_chosen(ticket: Ticket, share_percent: int) -> bool:
    """Whether the ticket is among the share that is asked about: by its number, so the same whenever one asks."""
    drawn = int(hashlib.sha256(f"survey:{ticket.pk}".encode()).hexdigest()[:8], 16)
    return drawn % 100 < share_percent
