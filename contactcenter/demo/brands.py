"""The two brands: their programme, tiers, queues, teams and reasons for goodwill."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import loyalty.services
import tickets.services
from agents.models import Brand, Skill, Team
from agents.presence.models import StateReason
from contactcenter import clock
from contactcenter.demo import rewards
from contactcenter.demo.story import Story
from customers.models import VerificationPolicy
from goodwill.models import Reason
from loyalty.models import Programme
from tickets.models import Calendar, Queue, RoutingPolicy, SlaPolicy

BRANDS = {
    "FF": {"name": "Fjord & Finch", "currency": "EUR", "time_zone": "Europe/Berlin"},
    "AH": {"name": "Alva Home", "currency": "GBP", "time_zone": "Europe/London"},
}
PROGRAMMES = {"FF": ("finch", "Finch Circle"), "AH": ("alva", "Alva Rewards")}
TOLD = timedelta(days=1100)  # so long the brands have been there
CLOSED_AFTER = timedelta(days=7)  # from when a ticket was resolved
TIERS = [
    ("bronze", "Bronze", 0),
    ("silver", "Silver", 1500),
    ("gold", "Gold", 4000),
    ("platinum", "Platinum", 8000),
]
# By the code of the tier: code, name, kind and figures of what it entitles to.
BENEFITS: dict[str, list[tuple[str, str, str, dict[str, int]]]] = {
    "gold": [
        ("first", "First in the queue", "priority", {"gift_points": 300}),
        ("lounge", "Lounge visit", "counted", {"per_year": 2}),
    ],
    "platinum": [
        ("sooner", "Answered twice as soon", "reply_time", {"value": 50}),
        ("lounge", "Lounge visit", "counted", {"per_year": 6}),
    ],
}
TEAMS = {"FF": ["Care", "Shipping"], "AH": ["Alva care"]}
# Name, team, address, minutes to answer in; the first of a brand takes what belongs to no other.
QUEUES = {
    "FF": [
        ("Care", "Care", "care@fjordandfinch.example", 480),
        ("Shipping EU", "Shipping", "shipping@fjordandfinch.example", 240),
        ("Returns", "Care", "returns@fjordandfinch.example", 480),
    ],
    "AH": [
        ("Alva care", "Alva care", "care@alvahome.example", 480),
        ("Deliveries", "Alva care", "deliveries@alvahome.example", 240),
    ],
}
# Where the office is, whose holidays it keeps, and when it opens and closes.
OFFICES = {"FF": ("DE", "HH", time(8), time(18)), "AH": ("GB", "ENG", time(9), time(17, 30))}
SKILLS = {
    "german": "German",
    "italian": "Italian",
    "french": "French",
    "spanish": "Spanish",
    "polish": "Polish",
    "couriers": "Couriers and customs",
    "furniture": "Furniture",
    "programme": "Points and tiers",
}
LANGUAGES = {"german": "de", "italian": "it", "french": "fr", "spanish": "es", "polish": "pl"}
# Why somebody is in a state: code, label, state, whether it is work.
STATES = [
    ("after-work", "After-call work", "busy", True),
    ("training", "Training", "away", True),
    ("lunch", "Lunch", "away", False),
    ("done", "Day is done", "offline", False),
]
TIER_PERCENT = {"gold": 25, "platinum": 50}  # so much more is suggested for them
# Code, label, kind, severity, least, usual and most points, and the sentence the customer reads.
REASONS = [
    ("late-parcel", "Late parcel", "apology", 2, 50, 300, 600,
     "Your parcel is late and you had to ask. We have added {points} points, worth {worth}, to your account."),
    ("lost-parcel", "Lost parcel", "apology", 3, 100, 400, 1000,
     "Your parcel was lost on its way. For the trouble we have added {points} points, worth {worth}."),
    ("damaged", "Damaged", "apology", 3, 100, 400, 1000,
     "It should have reached you whole. We have added {points} points, worth {worth}, to your account."),
    ("wrong-item", "Wrong item", "apology", 2, 50, 250, 600,
     "We packed the wrong thing. For the extra way we have added {points} points, worth {worth}."),
    ("long-wait", "Long wait", "apology", 1, 50, 200, 500,
     "You waited too long for our answer. We have added {points} points, worth {worth}, to your account."),
    ("delight", "Delight", "delight", 1, 50, 150, 500,
     "It was a pleasure to help. With our thanks: {points} points, worth {worth}, for your next order."),
]  # fmt: skip


# What customers who read German are told instead.
GERMAN = {
    "late-parcel": "Ihr Paket kommt zu spät. Dafür haben wir Ihnen {points} Punkte im Wert von {worth} gutgeschrieben.",
    "lost-parcel": "Ihr Paket ging verloren. Für den Ärger haben Sie {points} Punkte im Wert von {worth} erhalten.",
    "damaged": "Das hätte heil ankommen sollen. Sie haben {points} Punkte im Wert von {worth} erhalten.",
    "wrong-item": "Wir haben das Falsche gepackt. Für den Weg haben Sie {points} Punkte im Wert von {worth} erhalten.",
    "long-wait": "Sie haben zu lange gewartet. Dafür haben Sie {points} Punkte im Wert von {worth} erhalten.",
    "delight": "Das haben wir gern getan. Für Ihre nächste Bestellung: {points} Punkte im Wert von {worth}.",
}
OWN_QUESTIONS = "What did you buy last?\nWhere was it sent to?"


def found(story: Story) -> None:
    """Write both brands down with all they need to open their doors."""
    for code, facts in BRANDS.items():
        brand = story.brands[code] = Brand.objects.create(code=code, mail_name=facts["name"], **facts)
        rewards.stock(_programme(brand, story.now - TOLD), story.now)
        teams = {name: Team.objects.create(brand=brand, name=name) for name in TEAMS[code]}
        for rank, (name, team, address, minutes) in enumerate(QUEUES[code]):
            story.queues[name] = Queue.objects.create(
                brand=brand,
                name=name,
                team=teams[team],
                address=address,
                reply_minutes=minutes,
                reopen_days=CLOSED_AFTER.days,
                is_default=not rank,
            )
        _promises(story, code)
        VerificationPolicy.objects.create(brand=brand, own_questions=OWN_QUESTIONS)
        _routing(story, code)
        _reasons(story, code)
    for code, name in SKILLS.items():
        Skill.objects.get_or_create(code=code, defaults={"name": name, "language": LANGUAGES.get(code, "")})


def _reasons(story: Story, code: str) -> None:
    """What points are given for, in English and German."""
    brand = story.brands[code]
    for rank, (reason, label, kind, severity, least, usual, most, sentence) in enumerate(REASONS):
        made = story.reasons[code, reason] = Reason.objects.create(
            brand=brand, code=reason, label=label, kind=kind, severity=severity, sentence=sentence, rank=rank,
            min_points=least, default_points=usual, max_points=most,
        )  # fmt: skip
        made.sentences.create(brand=brand, language="de", sentence=GERMAN[reason])


def _promises(story: Story, code: str) -> None:
    """What each queue promises, day and night, and the hours of an office for whoever wants to count by them."""
    brand = story.brands[code]
    country, subdivision, opens, closes = OFFICES[code]
    office = Calendar.objects.create(
        brand=brand, name="Office hours", time_zone=brand.time_zone, country=country, subdivision=subdivision
    )
    for weekday in range(5):
        office.openings.create(weekday=weekday, opens=opens, closes=closes)
    with clock.standing_at(story.now - TOLD):
        tickets.services.publish(office)
    for rank, (name, _team, _address, minutes) in enumerate(QUEUES[code]):
        SlaPolicy.objects.create(
            brand=brand, name=f"{name}, day and night", position=10 + rank, queue=story.queues[name],
            first_minutes=minutes, next_minutes=minutes,
        )  # fmt: skip
    SlaPolicy.objects.create(
        brand=brand, name="Everything, in office hours", position=99, is_active=False, calendar=office,
        first_minutes=120, next_minutes=240, resolution_minutes=2400,
    )  # fmt: skip


def _routing(story: Story, code: str) -> None:
    """How each queue would hand its tickets out, switched off: in the demo agents take them; and reasons of states."""
    brand = story.brands[code]
    for name, _team, _address, _minutes in QUEUES[code]:
        RoutingPolicy.objects.create(brand=brand, queue=story.queues[name], by_language=code == "FF")
    for rank, (reason, label, kind, is_work) in enumerate(STATES):
        StateReason.objects.create(
            brand=brand, code=reason, label=label, kind=kind, counts_as_work=is_work, rank=rank
        )


def _programme(brand: Brand, at: datetime) -> Programme:
    code, name = PROGRAMMES[brand.code]
    programme = Programme.objects.create(brand=brand, code=code, name=name, time_zone=brand.time_zone)
    with clock.standing_at(at):
        loyalty.services.first_rule(programme)
    for tier in loyalty.services.set_up_tiers(programme, TIERS, at=at):
        tier.goodwill_percent = TIER_PERCENT.get(tier.code, tier.goodwill_percent)
        tier.save(update_fields=["goodwill_percent"])
        for code, label, kind, figures in BENEFITS.get(tier.code, ()):
            tier.benefits.create(programme=programme, code=code, name=label, kind=kind, **figures)
    return programme
