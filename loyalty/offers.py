"""What an account can have for its points, as facts a screen or a message can use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contactcenter import clock
from loyalty.models import Account, Reward, Tier

FEW = 10  # so few left are worth a word


@dataclass(frozen=True)
class Offer:
    """A reward, its price in `points` for this account's tier, and how many points are `missing` (0: none).

    `rest` are the points that can still be spent after it.
    """

    reward: Reward
    points: int
    missing: int
    rest: int

    @property
    def is_within_reach(self) -> bool:
        """Whether it can be had now: there are points enough and it is not sold out."""
        return not self.missing and self.reward.stock != 0

    @property
    def is_cheaper(self) -> bool:
        """Whether the tier pays less than everybody, or has it alone."""
        return self.reward.points is None or self.points < self.reward.points

    @property
    def left(self) -> str:
        """“3 left”, where the stock is worth a word; else nothing."""
        stock = self.reward.stock
        if stock is None or stock > FEW:
            return ""
        if not stock:
            return _("sold out")
        return ngettext("%(count)d left", "%(count)d left", stock) % {"count": stock}

    @property
    def away(self) -> str:
        """“You are 80 points away from the tote bag.”, for a message; nothing where no points are missing."""
        if not self.missing:
            return ""
        sentence = ngettext(
            "You are %(points)s point away from “%(reward)s”.",
            "You are %(points)s points away from “%(reward)s”.",
            self.missing,
        )
        return sentence % {"points": intcomma(self.missing), "reward": self.reward.name}


@dataclass(frozen=True)
class Reach:
    """What so many points more would do: the dearest reward they bring within reach, and the nearest after them."""

    reached: Offer | None
    next: Offer | None


def offers(account: Account, *, more: int = 0, at: datetime | None = None) -> list[Offer]:
    """Everything in the catalogue that the tier of `account` may have, in the order of the catalogue.

    With `more` points as if it had so many more to spend; what is owed is paid with them first.
    """
    rewards = Reward.objects.offered(at or clock.now()).filter(programme=account.programme_id)
    ranks = dict(Tier.objects.filter(programme=account.programme_id).values_list("code", "rank"))
    rank = account.tier.rank if account.tier else 0
    priced = [(reward, reward.price_for(rank, ranks)) for reward in rewards]
    spendable = max(0, account.balance - account.held + more)
    return [
        Offer(reward, points, max(0, points - spendable), max(0, spendable - points))
        for reward, points in priced
        if points is not None
    ]


def near(found: list[Offer], count: int = 3) -> list[Offer]:
    """Of these offers the ones with the fewest points missing that are still to be had, at most `count`."""
    ahead = [offer for offer in found if offer.missing and offer.reward.stock != 0]
    return sorted(ahead, key=lambda offer: offer.missing)[:count]


def with_more(account: Account, points: int, *, at: datetime | None = None) -> Reach:
    """What `points` more, given now, would bring within reach that is not yet, and what would be nearest then."""
    found = offers(account, more=points, at=at)
    new = [offer for offer in found if offer.is_within_reach and offer.points > account.available]
    following = near(found, 1)
    return Reach(max(new, key=lambda offer: offer.points, default=None), following[0] if following else None)
