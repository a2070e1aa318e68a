"""What supervisors do with a finding: take it, hand it to somebody, and say what came of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agents import roles
from agents.models import Agent, Brand
from agents.rights import expect_right
from agents.telling import supervisors_of
from contactcenter import clock
from contactcenter.errors import Refused
from goodwill.models import Finding

DECIDE = "goodwill.decide_finding"
NOTE_AT_MOST = 500  # characters
State = Finding.State


def lookers_of(brand: Brand) -> list[Agent]:
    """Who looks into findings: the supervisors; of one or none the administrators too, for one may be concerned."""
    told = supervisors_of(brand)
    if len(told) <= 1:
        above = Agent.objects.serving(brand).filter(groups__name=roles.ADMINISTRATOR)
        told += [one for one in above.distinct().order_by("pk") if one not in told]
    return told


@transaction.atomic
def assign(finding: Finding, to: Agent, *, by: Agent) -> Finding:
    """Make `to` the owner of a finding, which is looked into from then on; `by` may take it for themselves.

    Safe to repeat. Refused: `not_allowed` for either, `concerned` for either, `already_decided`.
    """
    found = _locked(finding, by)
    _expect_undecided(found)
    expect_right(to, DECIDE, found.brand_id)
    _expect_unconcerned(found, to)
    found.owner, found.state = to, State.LOOKED_INTO
    found.save(update_fields=["owner", "state"])
    return found


@transaction.atomic
def conclude(finding: Finding, state: str, *, note: str, by: Agent, at: datetime | None = None) -> Finding:
    """Say what came of a finding: `dismissed` or `confirmed`, with a note of why. Whoever decides owns what nobody had.

    What it rests on counts no more in later nights. A repeat is harmless. Refused: `not_allowed`, `concerned`,
    `already_decided`, `no_such_state`, `note_missing`.
    """
    found = _locked(finding, by)
    if state not in Finding.DECIDED:
        raise Refused("no_such_state", _("A finding is dismissed or confirmed."))
    note = note.strip()[:NOTE_AT_MOST]
    if (found.state, found.note, found.decided_by_id) == (state, note, by.pk):
        return found
    _expect_undecided(found)
    if not note:
        raise Refused("note_missing", _("Say in a few words why."))
    found.state, found.note = state, note
    found.decided_by, found.decided_at = by, at or clock.now()
    found.owner = found.owner or by
    found.save(update_fields=["state", "note", "decided_by", "decided_at", "owner"])
    return found


def _locked(finding: Finding, by: Agent) -> Finding:
    expect_right(by, DECIDE, finding.brand_id)
    found: Finding = Finding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
    _expect_unconcerned(found, by)
    return found


def _expect_unconcerned(found: Finding, agent: Agent) -> None:
    if agent.pk in (found.agent_id, found.approver_id):
        raise Refused("concerned", _("Nobody looks into what concerns themselves."))


def _expect_undecided(found: Finding) -> None:
    if found.decided_at is not None:
        raise Refused(
            "already_decided", _("%s has decided about this already.") % (found.decided_by or _("Somebody"))
        )
