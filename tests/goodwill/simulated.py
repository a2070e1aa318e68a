"""A contact centre of 40 agents and 5,000 tickets as chance would have it, and what a dishonest one among them does.

Nobody is average: agents differ in how generous they are, how much they are on the phone and how often they close what
they opened; customers come back, and to whom they know; some queues give more. Everything follows from the seed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache

from goodwill.radar.facts import Gift

AGENTS, SUPERVISORS, QUEUES, TICKETS, CUSTOMERS = 36, 4, 3, 5000, 2400
LIMIT, LIMIT_OF_SUPERVISORS = 500, 2500
DAYS = 45
AMOUNTS = [50, 100, 100, 150, 150, 200, 200, 200, 250, 300, 300, 400, 500]
ABOVE = [600, 700, 800, 1000]


@dataclass(frozen=True)
class Told:
    """One ticket: whose, where, by whom, and what was given on it (`points` 0: nothing). Agents and all are numbers."""

    customer: int
    queue: int
    channel: str
    agent: int
    at: datetime
    said: bool = True
    opened: bool = False
    closed: bool = True
    points: int = 0
    approver: int | None = None


@dataclass
class Centre:
    """What happened in it, the oldest first, and since when each customer is a member."""

    now: datetime
    chance: random.Random
    tickets: list[Told] = field(default_factory=list)
    joined: dict[int, datetime] = field(default_factory=dict)
    rates: list[float] = field(default_factory=list)

    @property
    def people(self) -> range:
        return range(AGENTS + SUPERVISORS)

    @property
    def supervisors(self) -> range:
        return range(AGENTS, AGENTS + SUPERVISORS)

    def queue_of(self, agent: int) -> int:
        return agent % QUEUES

    def limit_of(self, agent: int) -> int:
        return LIMIT_OF_SUPERVISORS if agent in self.supervisors else LIMIT

    def gifts(self) -> list[Gift]:
        """What was given, as the radar knows it."""
        return [
            Gift(
                pk=n, agent=one.agent, customer=one.customer, ticket=n, number=n, queue=one.queue, channel=one.channel,
                points=one.points, at=one.at, approver=one.approver, joined_at=self.joined[one.customer],
                said=one.said, opened=one.opened, closed=one.closed, limit=self.limit_of(one.agent),
            )
            for n, one in enumerate(self.tickets)
            if one.points
        ]  # fmt: skip

    def worked(self, since: datetime) -> Counter[tuple[int, int]]:
        return Counter((one.queue, one.agent) for one in self.tickets if one.at > since)

    def served(self) -> Counter[tuple[int, int]]:
        return Counter((one.agent, one.customer) for one in self.tickets)


def honest(seed: int, now: datetime) -> Centre:
    """A centre in which everybody means well; more may be planted in it."""
    made, chance = _honest(seed, now), random.Random()
    chance.setstate(made.chance.getstate())
    return replace(made, chance=chance, tickets=list(made.tickets), joined=dict(made.joined))


@cache
def _honest(seed: int, now: datetime) -> Centre:
    chance = random.Random(seed)
    centre = Centre(now, chance, rates=[0.2, 0.28, 0.35])
    generous = [chance.lognormvariate(0, 0.25) for _ in centre.people]
    phones = [chance.betavariate(2, 4) for _ in centre.people]
    closes = [chance.betavariate(9, 1) for _ in centre.people]
    quiet = [chance.betavariate(2, 60) for _ in centre.people]  # how often one writes first
    weights = [chance.paretovariate(1.6) for _ in range(CUSTOMERS)]
    agrees = [chance.uniform(0.3, 1) for _ in centre.supervisors]
    for customer in range(CUSTOMERS):
        centre.joined[customer] = now - timedelta(days=chance.uniform(0, 900))
    knows: dict[int, int] = {}
    given: dict[int, datetime] = {}
    instants = sorted(now - timedelta(days=chance.uniform(0, DAYS)) for _ in range(TICKETS))
    for at, customer in zip(instants, chance.choices(range(CUSTOMERS), weights, k=TICKETS), strict=True):
        known = knows.get(customer)
        agent = known if known is not None and chance.random() < 0.3 else chance.choice(centre.people)
        knows[customer] = agent
        by_phone, first = chance.random() < phones[agent], chance.random() < quiet[agent]
        queue = centre.queue_of(agent)
        one = Told(
            customer, queue, "phone" if by_phone else "mail", agent, at, said=not by_phone and not first,
            opened=by_phone or first, closed=chance.random() < closes[agent],
        )  # fmt: skip
        centre.joined[customer] = min(centre.joined[customer], at - timedelta(minutes=5))
        if chance.random() < min(0.9, centre.rates[queue] * generous[agent]):
            one = _given(centre, one, given, agrees)
        centre.tickets.append(one)
    return centre


def _given(centre: Centre, one: Told, given: dict[int, datetime], agrees: list[float]) -> Told:
    """Something on this ticket, alone or by asking; who had something a month ago rarely gets more."""
    chance = centre.chance
    again = one.customer in given and given[one.customer] > one.at - timedelta(days=30)
    if again and chance.random() < 0.7:
        return one
    given[one.customer] = one.at
    points = chance.choice(ABOVE) if chance.random() < 0.06 else chance.choice(AMOUNTS)
    if not again and points <= centre.limit_of(one.agent):
        return replace(one, points=points)
    who = [each for each in centre.supervisors if each != one.agent]
    approver = chance.choices(who, [agrees[each - AGENTS] for each in who])[0]
    return replace(one, points=points, approver=approver)


Plant = Callable[[Centre], set[int]]


def _abuser(centre: Centre) -> int:
    return centre.chance.randrange(AGENTS)


def more(centre: Centre, agent: int, customer: int, days: float, points: int, **fields: object) -> None:
    """One more ticket of the abuser's, so many days ago."""
    at = centre.now - timedelta(days=days)
    centre.joined[customer] = min(centre.joined[customer], at - timedelta(minutes=5))
    one = Told(customer, centre.queue_of(agent), "mail", agent, at, points=points)
    centre.tickets.append(replace(one, **fields))  # type: ignore[arg-type]


def friend(centre: Centre) -> set[int]:
    """Five gifts to one friend in a month, on tickets that look like any other."""
    agent, customer = _abuser(centre), centre.chance.randrange(CUSTOMERS)
    for n in range(5):
        more(centre, agent, customer, 3 + 5 * n, centre.chance.choice(AMOUNTS))
    return {agent}


def just_under(centre: Centre) -> set[int]:
    """Ten gifts in a month of as much as one may give alone, or a little less, among all that is given honestly."""
    agent, chance = _abuser(centre), centre.chance
    for n in range(10):
        more(centre, agent, chance.randrange(CUSTOMERS), 1 + 2.5 * n, chance.randrange(460, 501))
    return {agent}


def in_parts(centre: Centre) -> set[int]:
    """Six times a customer gets on two tickets what one ticket may not give."""
    agent, chance = _abuser(centre), centre.chance
    for n, customer in enumerate(chance.sample(range(CUSTOMERS), 6)):
        for days in (3.0 + 4 * n, 2.5 + 4 * n):
            more(centre, agent, customer, days, chance.choice([300, 350, 400]))
    return {agent}


def in_turn(centre: Centre) -> set[int]:
    """Two supervisors agree to each other's requests, ten times each way."""
    one, other = centre.chance.sample(centre.supervisors, 2)
    for n in range(10):
        for agent, approver in ((one, other), (other, one)):
            customer = centre.chance.randrange(CUSTOMERS)
            more(centre, agent, customer, 2 + 4 * n, centre.chance.choice(ABOVE), approver=approver)
    return {one, other}


def unasked(centre: Centre) -> set[int]:
    """Eight gifts on tickets that one opened and closed, and on which nobody said anything."""
    agent = _abuser(centre)
    for n in range(8):
        customer = centre.chance.randrange(CUSTOMERS)
        more(centre, agent, customer, 1 + 3 * n, 300, said=False, opened=True, closed=True)
    return {agent}


def newcomers(centre: Centre) -> set[int]:
    """Eight gifts to accounts that were opened the day before."""
    agent = _abuser(centre)
    for n in range(8):
        customer = CUSTOMERS + n
        centre.joined[customer] = centre.now - timedelta(days=2 + 3 * n)
        more(centre, agent, customer, 1 + 3 * n, 250)
    return {agent}


def open_hand(centre: Centre) -> set[int]:
    """Something on two of three tickets, and more than others give."""
    agent, chance = _abuser(centre), centre.chance
    centre.tickets = [
        replace(one, points=chance.choice([200, 300, 300, 400]))
        if one.agent == agent and chance.random() < 0.65
        else one
        for one in centre.tickets
    ]
    return {agent}


PLANTS: dict[str, Plant] = {
    "one_customer": friend,
    "just_under": just_under,
    "split": in_parts,
    "each_other": in_turn,
    "silent": unasked,
    "new_accounts": newcomers,
    "above_peers": open_hand,
}
