"""How rules run: what happened on a ticket is looked at once, under its lock, by every rule that waits for it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from agents.telling import notify, supervisors_of
from contactcenter import clock
from contactcenter.errors import Refused
from tickets import conditions
from tickets.actions import Deed, Step, do_all, read, take_locks
from tickets.conditions import Words
from tickets.facts import facts_of, with_customers, words_of
from tickets.models import Occasion, Rule, RuleRun, Ticket, TicketEvent
from tickets.occasions import DEPTH
from tickets.services.acting import acting

log = logging.getLogger(__name__)
DEEPEST = 5  # rules that set each other off, one after the other
RUNS_AN_HOUR = 30  # of all rules on one ticket
Outcome = RuleRun.Outcome


@dataclass(frozen=True)
class Case:
    """What rules look at: a locked ticket, what happened on it, and how many rules stand between it and a person.

    `key` names it: no rule runs twice for one key. `callback` is what came of a promise, where that is what happened.
    """

    ticket: Ticket
    event: str
    key: str
    depth: int
    at: datetime
    words: Words
    callback: str = ""


@transaction.atomic
def run_next(*, at: datetime | None = None) -> int:
    """Let the rules look at the first thing that has happened on one ticket; 1, or 0 when none waits.

    A ticket that somebody is working on at this moment is left to the next run. `at` is when it is done.
    """
    at = at or clock.now()
    waiting = Occasion.objects.order_by("pk").values("ticket")[:100]
    rows = Ticket.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=waiting)
    ticket = rows.select_related("brand").order_by("pk").first()
    if ticket is None:
        return 0
    one = (
        Occasion.objects.filter(ticket=ticket).order_by("pk").first()
    )  # as it is now that the ticket is locked
    if one is not None:  # one in a transaction: the locks of the next are taken in order again
        rules = list(Rule.objects.filter(brand=ticket.brand_id).in_force(one.event))
        words, came = words_of(ticket.brand), _came_of_callback(one)
        look(rules, Case(ticket, one.event, f"occasion:{one.pk}", one.depth, at, words, came))
        one.delete()
    return 1


def _came_of_callback(occasion: Occasion) -> str:
    """What came of a promise on this occasion; "" where something else happened.

    One deed may say more than one thing at one instant: a promise is missed, and the next one is made. Each line of
    the audit has an occasion of its own, in the same order: as many lie behind the one as behind the other.
    """
    if occasion.event != TicketEvent.Kind.CALLBACK:
        return ""
    same = {"ticket": occasion.ticket_id, "at": occasion.at}
    behind = Occasion.objects.filter(event=occasion.event, pk__gt=occasion.pk, **same).count()
    lines = TicketEvent.objects.filter(kind=occasion.event, **same).order_by("-pk")
    return lines.values_list("data__what", flat=True)[behind : behind + 1].first() or ""


def look(rules: Sequence[Rule], case: Case) -> None:
    """Let each of `rules`, in order, do what it does where its conditions hold; one that says stop is the last."""
    came = dict(RuleRun.objects.filter(rule__in=rules, key=case.key).values_list("rule", "outcome"))
    new = [rule.version for rule in rules if rule.pk not in came]
    take_locks(case.ticket, *[(version.actions, version.made_by) for version in new])
    for rule in rules:
        if rule.pk not in came and _fits(rule, case):
            came[rule.pk] = _run(rule, case)
        if came.get(rule.pk) == Outcome.DONE and rule.version.stop:
            return


def _fits(rule: Rule, case: Case) -> bool:
    """Whether the conditions hold for the ticket as the rules before have left it."""
    condition = rule.version.conditions
    ticket = with_customers(Ticket.objects.all()).get(pk=case.ticket.pk)
    facts = facts_of([ticket], conditions.used(condition), words=case.words, at=case.at)[ticket.pk]
    if case.callback:  # since then more may have come of it: each has an occasion of its own
        facts["callback"] = case.callback
    return conditions.holds(condition, facts, case.words)


def _run(rule: Rule, case: Case) -> str:
    """Do what the rule does, all of it or nothing, and write down what came of it."""
    if why := _blown(case):
        return _fuse(rule, case, why)
    try:
        with transaction.atomic(), acting(rule.version):
            _set_depth(case.depth + 1)
            steps: list[Step] = read(rule.version.actions, case.ticket.brand)
            do_all(steps, Deed(case.ticket, rule.version.made_by, case.at, f"rule:{rule.pk}:{case.key}"))
    except Refused as refusal:
        return _log(rule, case, Outcome.REFUSED, refusal.sentence)
    except OperationalError:  # the database has to be asked again, and is: the occasion waits on
        raise
    except Exception:  # one rule that breaks must not stand in the way of all that happens after it
        log.exception("rule %s broke on ticket %s", rule.pk, case.ticket.pk)
        return _log(
            rule, case, Outcome.REFUSED, _("It broke by a fault of ours; the worker’s log says more.")
        )
    finally:
        _set_depth(0)
    return _log(rule, case, Outcome.DONE)


def _blown(case: Case) -> str:
    """Why no rule may run any more for this case; "" while it may."""
    if case.depth >= DEEPEST:
        return _("%d rules have set each other off, one after the other.") % DEEPEST
    recent = RuleRun.objects.filter(
        ticket=case.ticket, at__gt=case.at - timedelta(hours=1), outcome=Outcome.DONE
    )
    if recent.count() >= RUNS_AN_HOUR:
        return _("Rules have run %d times on this ticket within an hour.") % RUNS_AN_HOUR
    return ""


def _fuse(rule: Rule, case: Case, why: str) -> str:
    """Switch the rule off and tell the supervisors: it goes on when one of them has looked at it."""
    Rule.objects.filter(pk=rule.pk).update(is_active=False)
    notify(
        supervisors_of(case.ticket.brand), brand_id=case.ticket.brand_id, kind="rule_off",
        subject=case.ticket.reference, key=f"rule_off:{rule.pk}:{case.key}", at=case.at, rule=rule.pk,
    )  # fmt: skip
    return _log(rule, case, Outcome.FUSED, why)


def _log(rule: Rule, case: Case, outcome: str, sentence: str = "") -> str:
    RuleRun.objects.create(
        brand_id=rule.brand_id, rule=rule, version=rule.version, ticket=case.ticket, event=case.event, key=case.key,
        at=case.at, outcome=outcome, sentence=sentence[:500], depth=case.depth,
    )  # fmt: skip
    return outcome


def _set_depth(depth: int) -> None:
    """What the triggers write down beside the occasions that this transaction causes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [DEPTH, str(depth)])
