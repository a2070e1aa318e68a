"""Signs of two: an agent and a customer, an agent and whoever agrees. Needs no database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from goodwill.radar.chance import SELDOM, both, tail
from goodwill.radar.facts import Gift, Kind, Sign

FEWEST = 3  # gifts of one to the other, each way where there are two
UNUSUAL = 0.01  # how likely so many tickets of one customer end with a gift: three of three where a fifth do

Served = Mapping[tuple[int, int], int]


def repeated(gifts: Iterable[Gift]) -> dict[tuple[int, int], list[Gift]]:
    """Who gave something to one customer three times or more, as (agent, customer): what is worth a question."""
    found = defaultdict(list)
    for gift in gifts:
        found[gift.agent, gift.customer].append(gift)
    return {pair: rows for pair, rows in found.items() if len(rows) >= FEWEST}


def rates_of(gifts: Iterable[Gift], worked: Mapping[tuple[int, int], int]) -> dict[int, float]:
    """How many of the tickets of each queue end with a gift, 0 to 1; `worked` are the tickets by (queue, agent)."""
    given = Counter(gift.queue for gift in gifts)
    tickets: Counter[int] = Counter()
    for (queue, _agent), count in worked.items():
        tickets[queue] += count
    return {queue: min(1.0, given[queue] / count) for queue, count in tickets.items() if count}


def one_customer(gifts: Iterable[Gift], served: Served, rates: Mapping[int, float]) -> list[Sign]:
    """Customers who are given something by the same agent again and again, although others work their queues too.

    Twice unlikely: that so many of the customer's gifts come from one agent, by that agent's part in what the queues
    give, once in a hundred nights over all such customers; and that so many of the tickets the agent had of the
    customer (`served`) end with a gift, at the highest of the `rates` of their queues. The second lets those go who
    look after a customer, the first those who have a generous queue.
    """
    rows = list(gifts)
    in_queue: dict[int, Counter[int]] = defaultdict(Counter)
    to_customer: dict[int, list[Gift]] = defaultdict(list)
    for gift in rows:
        in_queue[gift.queue][gift.agent] += 1
        to_customer[gift.customer].append(gift)
    often = sum(len(given) >= FEWEST for given in to_customer.values())
    signs = []
    for (agent, customer), own in repeated(rows).items():
        every = to_customer[customer]
        due = sum(_part(in_queue[gift.queue], agent, every, gift.queue) for gift in every)
        by_chance = tail(len(own), len(every), due / len(every)) * often
        had = max(served.get((agent, customer), 0), len({gift.ticket for gift in own}))
        rate = max(rates.get(gift.queue, 1.0) for gift in own)
        if by_chance <= SELDOM and tail(len(own), max(had, len(own)), rate) <= UNUSUAL:
            figures = {"hits": len(own), "of": len(every), "expected": round(due, 1), "tickets": had}
            signs.append(Sign(Kind.ONE_CUSTOMER, agent, tuple(own), figures, customer=customer))
    return signs


def each_other(gifts: Iterable[Gift]) -> list[Sign]:
    """Two who agree to each other's requests, both ways more than their part in all that is agreed to.

    Three each way at least. The part of an approver is what they agreed to of others' requests, without these two: who
    is the only other supervisor agrees to everything, and that says nothing.
    """
    asked: dict[int, Counter[int]] = defaultdict(Counter)  # by who asked: who agreed how often
    between: dict[tuple[int, int], list[Gift]] = defaultdict(list)
    for gift in gifts:
        for approver in {gift.approver, gift.second} - {None}:
            if approver is not None and not gift.waits:
                asked[gift.agent][approver] += 1
                between[gift.agent, approver].append(gift)
    approvers = set().union(*asked.values()) if asked else set()
    two_ways = [(one, other) for one, other in between if one < other and (other, one) in between]
    signs = []
    for one, other in two_ways:
        there, back = between[one, other], between[other, one]
        if min(len(there), len(back)) < FEWEST:
            continue
        likely = both(_agreed(asked, approvers, one, other), _agreed(asked, approvers, other, one))
        if likely * len(two_ways) <= SELDOM:
            figures = {"there": len(there), "back": len(back), "approvers": len(approvers)}
            signs.append(Sign(Kind.EACH_OTHER, one, (*there, *back), figures, approver=other))
    return signs


def _part(given: Counter[int], agent: int, but: Iterable[Gift], queue: int) -> float:
    """The agent's part in what a queue gives, without what went to this customer."""
    out = [gift.agent for gift in but if gift.queue == queue]
    return (given[agent] - out.count(agent) + 0.5) / (given.total() - len(out) + 1)


def _agreed(asked: Mapping[int, Counter[int]], approvers: set[int], asker: int, approver: int) -> float:
    """How likely it is that `approver` agreed to so many of what `asker` asked for."""
    others: Counter[int] = Counter()
    for who, agreed in asked.items():
        if who not in (asker, approver):
            others.update(agreed)
    could = approvers - {asker}
    part = (others[approver] + 0.5) / (sum(others[one] for one in could) + 0.5 * len(could))
    return tail(asked[asker][approver], asked[asker].total(), part)
