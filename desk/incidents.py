"""An incident as the desk shows it: how many it hit, what was asked for all of them, and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Agent
from desk.templatetags.desk import signed
from goodwill.incidents import Progress, hit_by, progress_of, to_be_given
from goodwill.models import IncidentGrant
from tickets.models import Ticket

State = IncidentGrant.State


@dataclass(frozen=True)
class Incident:
    """How many customers an incident hit, how many of them were given nothing yet, the last deed for all of them and
    what whoever looks may do about it."""

    hit: int
    open: int
    grant: IncidentGrant | None
    progress: Progress | None
    can_decide: bool
    can_withdraw: bool
    can_stop: bool
    can_go_on: bool

    @property
    def can_ask(self) -> bool:
        return self.open > 0 and not (self.grant and self.grant.state in (State.ASKED, State.RUNNING))

    @property
    def is_running(self) -> bool:
        return self.grant is not None and self.grant.state == State.RUNNING


def incident_of(ticket: Ticket, agent: Agent) -> Incident:
    """What the panel shows of an incident. Seven questions at the most."""
    rows = IncidentGrant.objects.filter(ticket__in=ticket.whole())
    grant = rows.select_related("reason", "by", "approver", "ticket").order_by("-pk").first()
    state, mine = (grant.state, grant.by_id == agent.pk) if grant else ("", False)
    decides = agent.has_perm("goodwill.approve_goodwill")
    progress = progress_of(grant) if grant and state in IncidentGrant.AGREED else None
    return Incident(
        hit=hit_by(ticket.pk).count(),
        open=to_be_given(ticket.pk).count(),
        grant=grant,
        progress=progress,
        can_decide=state == State.ASKED and decides and not mine,
        can_withdraw=state == State.ASKED and mine,
        can_stop=state == State.RUNNING and decides,
        can_go_on=state == State.DONE and progress is not None and progress.to_do > 0,
    )


STEPS: dict[str, Callable[[], str]] = {
    "incident_asked": lambda: _("asked for"),
    "incident_agreed": lambda: _("agreed to"),
    "incident_declined": lambda: _("declined"),
    "incident_withdrawn": lambda: _("asked for no longer"),
    "incident_lapsed": lambda: _("answered by nobody"),
    "incident_stopped": lambda: _("stopped"),
    "incident_goes_on": lambda: _("goes on with those who were linked since"),
    "incident_done": lambda: _("given"),
}


def words_of_incident(data: dict[str, Any], named: str) -> str:
    """What became of a deed for all, for the thread: +100 points each for 180 customers · Late parcel: asked for."""
    step = STEPS.get(data["what"], lambda: data["what"])()
    count = data.get("given", data["customers"])
    each = ngettext(
        "%(points)s points for %(count)d customer", "%(points)s points each for %(count)d customers", count
    )
    return f"{each % {'points': signed(data['points']), 'count': count}} · {named or data['reason']}: {step}"
