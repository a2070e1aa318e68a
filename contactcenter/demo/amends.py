"""What stands behind goodwill in the demo: budgets, a promise that pays itself, an incident, a choice to be made."""

from __future__ import annotations

from datetime import datetime, timedelta

import goodwill.services
import tickets.services
from agents.models import Agent, Brand
from agents.telling import supervisors_of
from contactcenter import clock
from contactcenter.demo import conversations
from contactcenter.demo.story import Story
from goodwill.models import Budget, Pledge, Reason
from goodwill.services import Option
from loyalty.models import Reward
from tickets.models import Message, Ticket

# What each brand gives away in the month around today: name, kind, points, whether it ends there.
BUDGETS = [
    ("Apologies of the month", "apology", 60_000, False),
    ("Delight of the month", "delight", 10_000, True),
]
PLEDGED = 40_000  # points for broken promises
GOLD = ("gold", "Gold is answered in four hours", 240, 100)  # tier, name, minutes, points
INCIDENT, HIT = "phone-lost-parcel", ("tracking-english", "two-parcels-one")
OFFERED = "points-after-return"
LETTER = "I am sorry that this took so long. Please choose what would make up for it best:"


def tell(story: Story) -> None:
    """Tell it after all that was given: no budget pays for what was before it."""
    for code, brand in story.brands.items():
        boss = supervisors_of(brand)[0]
        _budgets(brand, story.now)
        with clock.standing_at(story.now):
            _pledge(brand, boss, story.reasons[code, "long-wait"], story.now)
    ana = Agent.objects.get(email="ana@fjordandfinch.example")
    _incident(story, ana)
    _offer(story, ana)


def _budgets(brand: Brand, now: datetime) -> None:
    for name, kind, points, is_hard in BUDGETS:
        Budget.objects.create(
            brand=brand, name=name, kind=kind, points=points, is_hard=is_hard,
            starts_at=now - timedelta(minutes=90), ends_at=now + timedelta(days=30),
        )  # fmt: skip


def _pledge(brand: Brand, boss: Agent, reason: Reason, now: datetime) -> None:
    """Gold and better get points for a late first answer, from a budget of its own."""
    tier, name, minutes, points = GOLD
    budget = Budget.objects.create(
        brand=brand, name="Broken promises", points=PLEDGED, pays_pledges=True, starts_at=now,
        ends_at=now + timedelta(days=90),
    )  # fmt: skip
    pledge = Pledge.objects.create(
        brand=brand, name=name, tier_from=brand.programme.tiers.get(code=tier), minutes=minutes, points=points,
        reason=reason, budget=budget, starts_at=now,
    )  # fmt: skip
    goodwill.services.publish(pledge, by=boss)


def _incident(story: Story, by: Agent) -> None:
    """A van that was emptied: three parcels are gone, and what is asked for all three waits for an answer."""
    incident: Ticket = story.tickets[INCIDENT]
    at = story.now - timedelta(minutes=50)
    for key in HIT:
        tickets.services.link(story.tickets[key], incident, kind="incident", by=by, at=at)
    goodwill.services.incidents.ask(
        incident, 300, by=by, reason=story.reasons["FF", "lost-parcel"], key="demo:incident",
        words="The van from Hamburg was broken into; all three were on it.", spares=True,
        at=at + timedelta(minutes=5),
    )  # fmt: skip


def _offer(story: Story, by: Agent) -> None:
    """A customer who was sent points, a voucher and a call to choose from, and has not chosen yet."""
    voucher = Reward.objects.get(brand=story.brands["FF"], code="free-delivery")
    ticket, at = story.tickets[OFFERED], story.now - timedelta(minutes=40)
    with clock.standing_at(at):
        goodwill.services.offer(
            ticket, [Option(200), Option(gift=voucher), Option()], by=by,
            reason=story.reasons["FF", "long-wait"], key="demo:offer", text=LETTER,
        )  # fmt: skip
    letter = ticket.messages.filter(kind=Message.Kind.OUTBOUND).latest("pk")
    conversations.sent(letter, letter.ticket.queue.address, at=at + timedelta(seconds=20))
