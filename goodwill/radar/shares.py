"""Signs that are a share: of what an agent gave, more than of what others gave in the same place. Needs no database.

A gift is held against the gifts of others in its own stratum (queue and channel, or limit), so that whoever works the
phone is not held against mail. A sign needs all of: five gifts that have it, twice as many as peers lead one to
expect, a likelihood that chance reaches once in a hundred nights for all agents together, and, where there are eight
peers, a share that is far above theirs: people differ more than coins do, and the spread knows by how much.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import timedelta

from goodwill.radar.chance import PEERS, SELDOM, is_far_above, tail
from goodwill.radar.facts import Gift, Kind, Sign

FEWEST = 5  # gifts that have it: below, it is an anecdote
TIMES = 2.0  # as many as peers would have: below, it is nothing to speak to somebody about
USUAL = 0.5  # of the gifts of others: where half of them have it, it says nothing
OTHERS = 3  # other agents, and
GIVEN_BY_OTHERS = 30  # gifts of them, before a stratum says what is usual in it
YOUNG = timedelta(days=7)  # an account is new for so long
NEAR_PERCENT = 90  # of the limit and above, the limit itself too, is just under it
WITHIN = timedelta(days=7)  # in which gifts on several tickets of one customer are one gift in parts

Has = Callable[[Gift], bool]
Stratum = Callable[[Gift], Hashable]


def of_place(gift: Gift) -> Hashable:
    return gift.queue, gift.channel


def of_limit(gift: Gift) -> Hashable:
    return gift.limit


def more_than_peers(kind: str, gifts: Iterable[Gift], has: Has, stratum: Stratum = of_place) -> list[Sign]:
    """A sign for each agent of whose `gifts` far more have it than of those of others in the same strata."""
    given: dict[Hashable, Counter[int]] = defaultdict(Counter)
    having: dict[Hashable, Counter[int]] = defaultdict(Counter)
    own: dict[int, list[Gift]] = defaultdict(list)
    for gift in gifts:
        place = stratum(gift)
        given[place][gift.agent] += 1
        having[place][gift.agent] += has(gift)
        own[gift.agent].append(gift)
    looked_at: dict[int, tuple[list[Gift], float]] = {}
    for agent, rows in own.items():
        usual = {
            place: _usual(given[place], having[place], agent) for place in {stratum(row) for row in rows}
        }
        compared = [row for row in rows if usual[stratum(row)] is not None]
        if compared:
            looked_at[agent] = compared, sum(usual[stratum(row)] or 0 for row in compared)
    shares = {agent: _share(rows, has) for agent, (rows, _due) in looked_at.items() if len(rows) >= FEWEST}
    signs = []
    for agent, (rows, due) in looked_at.items():
        hits = tuple(row for row in rows if has(row))
        others = [share for other, share in shares.items() if other != agent]
        by_chance = tail(len(hits), len(rows), due / len(rows)) * len(looked_at)
        stands_out = len(others) < PEERS or is_far_above(_share(rows, has), others)
        if len(hits) >= FEWEST and len(hits) >= TIMES * due and by_chance <= SELDOM and stands_out:
            figures = {
                "hits": len(hits),
                "of": len(rows),
                "expected": round(due, 1),
                "peers": len(looked_at) - 1,
            }
            signs.append(Sign(kind, agent, hits, figures))
    return signs


def silent(gifts: Iterable[Gift]) -> list[Sign]:
    """Given on tickets on which the customer never said anything, or only an agent wrote down that they did."""
    return more_than_peers(Kind.SILENT, gifts, lambda gift: not gift.said)


def alone(gifts: Iterable[Gift]) -> list[Sign]:
    """Given on tickets that the same agent opened and closed."""
    return more_than_peers(Kind.ALONE, gifts, lambda gift: gift.opened and gift.closed)


def new_accounts(gifts: Iterable[Gift]) -> list[Sign]:
    """Given to accounts that were opened within the seven days before."""
    return more_than_peers(
        Kind.NEW_ACCOUNTS, gifts, lambda gift: bool(gift.joined_at and gift.at < gift.joined_at + YOUNG)
    )


def just_under(gifts: Iterable[Gift]) -> list[Sign]:
    """Given alone, and as much as one may: at least 90 % of what the agent's policy allows at once.

    Round limits attract honest gifts too, hence only the comparison with others of the same limit says something.
    """
    own = [gift for gift in gifts if gift.is_alone and gift.limit]
    return more_than_peers(
        Kind.JUST_UNDER, own, lambda gift: gift.points * 100 >= NEAR_PERCENT * (gift.limit or 0), of_limit
    )


def split(gifts: Iterable[Gift]) -> list[Sign]:
    """Given in parts: each within the limit at once, and over it with what went to the customer on other tickets.

    What counts is the gift with which it went over within seven days; its parts are told with it.
    """
    own = [gift for gift in gifts if gift.limit and gift.points <= gift.limit]
    parts = parts_of(own)
    signs = more_than_peers(Kind.SPLIT, own, lambda gift: gift.pk in parts, of_limit)
    return [
        Sign(one.kind, one.agent, _whole(one.gifts, parts), {**one.figures, "within_days": WITHIN.days})
        for one in signs
    ]


def parts_of(gifts: Iterable[Gift]) -> dict[int, tuple[Gift, ...]]:
    """The gifts (ids) with which an agent went over the limit for one customer, and what had gone before on others.

    What went into one such gift is used up: two parts make one, and a third begins anew.
    """
    pairs: dict[tuple[int, int], list[Gift]] = defaultdict(list)
    for gift in sorted(gifts, key=lambda gift: gift.at):
        pairs[gift.agent, gift.customer].append(gift)
    found = {}
    for rows in pairs.values():
        before: list[Gift] = []
        for gift in rows:
            before = [one for one in before if one.at > gift.at - WITHIN]
            elsewhere = tuple(one for one in before if one.ticket != gift.ticket)
            if elsewhere and gift.points + sum(one.points for one in elsewhere) > (gift.limit or 0):
                found[gift.pk] = elsewhere
                before = []
            else:
                before.append(gift)
    return found


def _usual(given: Counter[int], having: Counter[int], but: int) -> float | None:
    """The share that have it among the gifts of others; None where too few were given to say, or where it is usual.

    A half is added to both sides (Jeffreys): what nobody has done yet is not impossible.
    """
    total, hits = given.total() - given[but], having.total() - having[but]
    if len(given) - (but in given) < OTHERS or total < GIVEN_BY_OTHERS:
        return None
    share = (hits + 0.5) / (total + 1)
    return share if share < USUAL else None


def _share(rows: Sequence[Gift], has: Has) -> float:
    return sum(map(has, rows)) / len(rows)


def _whole(completing: Iterable[Gift], parts: dict[int, tuple[Gift, ...]]) -> tuple[Gift, ...]:
    return tuple(part for gift in completing for part in (gift, *parts[gift.pk]))
