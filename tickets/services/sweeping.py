"""How rules of time run: the clock looks at the open tickets of a brand in turn, some hundred at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from contactcenter import clock
from tickets import conditions
from tickets.facts import facts_of, with_customers, words_of
from tickets.models import Message, Rule, RuleRun, Ticket, TicketEvent, Trigger
from tickets.services.running import Case, look

AT_ONCE, BATCHES = 500, 4  # tickets of a brand in one look, and looks in one sweep


def sweep_rules(*, at: datetime | None = None) -> int:
    """Let the rules of time look at open tickets, 2,000 of each brand at most; on how many something was done.

    Where a brand has more, the next sweep goes on from there. A rule runs once for a ticket as it stands: again when a
    person, a customer or the clock of its promises has changed it, not when a rule has.
    """
    at, found = at or clock.now(), 0
    for rules in _by_brand():
        for _batch in range(BATCHES):
            ran, is_last = _look_on(rules, at)
            found += ran
            if is_last:
                break
    return found


def _by_brand() -> Iterable[list[Rule]]:
    found: dict[int, list[Rule]] = {}
    for rule in Rule.objects.in_force(Trigger.TIME).select_related("brand", "live__made_by"):
        found.setdefault(rule.brand_id, []).append(rule)
    return found.values()


def _look_on(rules: Sequence[Rule], at: datetime) -> tuple[int, bool]:
    """Look at the next tickets of a brand: on how many something was done, and whether those were the last."""
    brand, since = rules[0].brand, min(rule.swept_to for rule in rules)
    words = words_of(brand)
    tickets = list(with_customers(Ticket.objects.open_in_turn(brand, after=since))[:AT_ONCE])
    asked = set().union(*(conditions.used(rule.version.conditions) for rule in rules))
    facts = facts_of(tickets, asked, words=words, at=at)
    fit = {
        ticket.pk: [
            rule for rule in rules if conditions.holds(rule.version.conditions, facts[ticket.pk], words)
        ]
        for ticket in tickets
    }
    keys = keys_of([pk for pk, fitting in fit.items() if fitting])
    done = set(RuleRun.objects.filter(rule__in=rules, key__in=keys.values()).values_list("rule", "key"))
    due = [pk for pk, key in keys.items() if any((rule.pk, key) not in done for rule in fit[pk])]
    ran = sum(_look_at(pk, rules, at) for pk in due)
    is_last = len(tickets) < AT_ONCE
    for rule in rules:
        rule.swept_to = 0 if is_last else tickets[-1].pk
    Rule.objects.filter(pk__in=[rule.pk for rule in rules]).update(swept_to=rules[0].swept_to)
    return ran, is_last


@transaction.atomic
def _look_at(pk: int, rules: Sequence[Rule], at: datetime) -> bool:
    """Let the rules look at one ticket under its lock; whether one of them ran. Who works on it is not disturbed."""
    rows = Ticket.objects.select_for_update(skip_locked=True, of=("self",)).select_related("brand")
    ticket = rows.filter(pk=pk).first()
    if ticket is None:
        return False
    key = keys_of([pk])[pk]
    before = RuleRun.objects.filter(key=key).count()
    look(rules, Case(ticket, Trigger.TIME, key, 0, at, words_of(ticket.brand)))
    return RuleRun.objects.filter(key=key).count() > before


def keys_of(tickets: Sequence[int]) -> dict[int, str]:
    """How tickets stand, by their ids: the last line of the audit and the last word that are no rule's. Two queries."""
    lines = TicketEvent.objects.filter(ticket__in=tickets).exclude(actor=TicketEvent.Actor.RULE)
    words = Message.objects.filter(ticket__in=tickets, rule=None).exclude(kind=Message.Kind.NOTE)
    line = dict(lines.order_by().values_list("ticket").annotate(Max("seq")))
    word = dict(words.order_by().values_list("ticket").annotate(Max("seq")))
    return {pk: f"time:{pk}:{line.get(pk, 0)}.{word.get(pk, 0)}" for pk in tickets}
