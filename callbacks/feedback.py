"""A bad answer to the one question may bring a callback: somebody of ours talks to the customer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import Agent
from agents.telling import supervisors_of
from callbacks.models import Callback
from callbacks.services import More, promise
from contactcenter.errors import Refused
from tickets.models import Survey, Ticket
from tickets.services import Step, tell_supervisors

WITHIN = timedelta(hours=8)


def ask_back(ticket: Ticket, survey: Survey, at: datetime) -> None:
    """A task for whoever had the ticket, else for a supervisor: talk to the customer.

    Where the task is refused (they may promise nothing, say) the supervisors are told.
    """
    owner = _owner(ticket, survey)
    if owner is None:
        return
    try:
        with transaction.atomic():
            promise(
                ticket.customer, (at, at + WITHIN), by=owner, reason=_("Bad answer to our question: talk to them"),
                key=f"bad_answer:{survey.pk}", ticket=ticket, kind=Callback.Kind.TASK, at=at,
                more=More(source=Callback.Source.FEEDBACK),
            )  # fmt: skip
    except Refused:
        tell_supervisors(ticket, survey, at)


def _owner(ticket: Ticket, survey: Survey) -> Agent | None:
    serving = Agent.objects.serving(ticket.brand)
    for agent in (ticket.assignee_id, survey.agent_id):
        if agent and (found := serving.filter(pk=agent).first()):
            return found
    return next(iter(supervisors_of(ticket.brand)), None)


STEP = Step(gettext_lazy("promise a callback"), ask_back)
