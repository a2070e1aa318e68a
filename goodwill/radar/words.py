"""What a finding rests on, in a sentence: the figures of its evidence for whoever looks into it."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from agents.models import Agent
from goodwill.models import Finding
from tickets.models import Queue

Kind = Finding.Kind
VIA: dict[str, Callable[[], str]] = {
    "own": lambda: _("The customer has, or had, the agent’s own mail address."),
    "mail": lambda: _("The customer shares a mail address with the agent’s own account."),
    "phone": lambda: _("The customer shares a phone number with the agent’s own account."),
    "handle": lambda: _("The customer shares a handle with the agent’s own account."),
    "sender": lambda: _("Something in the ticket came from the agent’s own mail address."),
    "brought": lambda: _("The customer was brought by the agent’s own account, or brought it."),
    "duplicate": lambda: _("The customer may be the same person as the agent’s own account."),
    "name": lambda: _("The customer has the agent’s name."),
}


def _share() -> str:
    return _(
        "%(hits)d of %(of)d gifts; by what %(peers)d others do in the same place %(expected)s were to be expected."
    )


SENTENCES: dict[str, Callable[[], str]] = {
    Kind.SILENT: _share,
    Kind.ALONE: _share,
    Kind.NEW_ACCOUNTS: _share,
    Kind.JUST_UNDER: _share,
    Kind.SPLIT: lambda: _(
        "%(hits)d of %(of)d gifts went over the limit at once with what the customer got on other tickets within "
        "%(within_days)d days; by what %(peers)d others do %(expected)s were to be expected."
    ),
    Kind.ONE_CUSTOMER: lambda: _(
        "%(hits)d of the %(of)d gifts to this customer, on %(tickets)d tickets; by the part in what the queues give "
        "%(expected)s were to be expected."
    ),
    Kind.EACH_OTHER: lambda: _(
        "%(there)d requests agreed to one way and %(back)d the other, among %(approvers)d people who agree."
    ),
    Kind.ABOVE_PEERS: lambda: _(
        "%(a_ticket)s points a ticket over %(tickets)d tickets (standard error %(error)s); the median of %(peers)d "
        "peers of the queue is %(median)s, their spread %(spread)s."
    ),
    Kind.MERGED: lambda: _(
        "%(hits)d given, then accounts were merged and points spent, all within 24 hours."
    ),
}


def sentence_of(finding: Finding) -> str:
    """What was found, with its figures."""
    if finding.kind == Kind.RELATED:
        return VIA[finding.evidence["via"]]()
    return SENTENCES[finding.kind]() % finding.evidence


def more_of(finding: Finding) -> list[str]:
    """Names that belong to it: of the queue, of whoever merged and spent. Two questions at most."""
    told = finding.evidence
    if finding.kind == Kind.ABOVE_PEERS:
        queue = Queue.objects.filter(brand=finding.brand_id, pk=told["queue"]).first()
        return [_("The queue is %s.") % queue] if queue else []
    if finding.kind == Kind.MERGED:
        by, spent_by = told.get("merged_by"), told.get("spent_by")
        names = Agent.objects.in_bulk([one for one in (by, spent_by) if one])
        nobody = _("no agent")
        who = {"by": names.get(by, nobody), "spent_by": names.get(spent_by, nobody)}
        return [_("Merged by %(by)s, spent by %(spent_by)s.") % who]
    return []
