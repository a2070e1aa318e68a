"""All signs that need nothing but what was read: what stands out in what a brand gave. Needs no database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from goodwill.radar import pairs, peers, shares
from goodwill.radar.facts import LATELY, Gift, Judged, Kind, Sign, Subject

Served = Callable[[Iterable[tuple[int, int]]], Mapping[tuple[int, int], int]]


def stand_out(
    gifts: Sequence[Gift],
    worked: Mapping[tuple[int, int], int],
    served: Served,
    judged: Judged,
    *,
    at: datetime,
) -> list[Sign]:
    """What stands out among `gifts` of 90 days, some of it only among those of the last 30.

    `worked` are the tickets resolved in 30 days by (queue, agent); `served` tells how many tickets an agent had of a
    customer, for the pairs it is asked about. What somebody has decided about before (`judged`) counts no more.

    What was given to all whom an incident hit is one decision, and no habit of giving: only who agreed to it counts,
    once.
    """
    own = [gift for gift in gifts if gift.deed is None]
    recent = [gift for gift in own if gift.at > at - LATELY]

    def lately(kind: str) -> list[Gift]:
        return unjudged(recent, kind, judged)

    again = unjudged(own, Kind.ONE_CUSTOMER, judged)
    return [
        *shares.silent(lately(Kind.SILENT)),
        *shares.alone(lately(Kind.ALONE)),
        *shares.new_accounts(lately(Kind.NEW_ACCOUNTS)),
        *shares.just_under(lately(Kind.JUST_UNDER)),
        *shares.split(unjudged(own, Kind.SPLIT, judged)),
        *pairs.one_customer(again, served(pairs.repeated(again)), pairs.rates_of(recent, worked)),
        *pairs.each_other(unjudged(decisions(gifts), Kind.EACH_OTHER, judged)),
        *peers.above_peers(lately(Kind.ABOVE_PEERS), worked),
    ]


def decisions(gifts: Iterable[Gift]) -> list[Gift]:
    """Every gift that was decided about by itself, and one of those that were decided about together."""
    return list({(gift.deed, gift.pk if gift.deed is None else 0): gift for gift in gifts}.values())


def unjudged(gifts: Iterable[Gift], kind: str, judged: Judged) -> list[Gift]:
    """The gifts about which nobody has decided in this respect: of the agent alone, or of them and somebody else."""
    return [
        one for one in gifts if not any(one.at <= judged[key] for key in subjects(one, kind) if key in judged)
    ]


def subjects(gift: Gift, kind: str) -> list[Subject]:
    """What a finding of this kind about a gift would be about."""
    if kind == Kind.EACH_OTHER:
        two = [sorted((gift.agent, other)) for other in (gift.approver, gift.second) if other is not None]
        return [(kind, first, None, last) for first, last in two]
    return [(kind, gift.agent, gift.customer if kind == Kind.ONE_CUSTOMER else None, None)]
