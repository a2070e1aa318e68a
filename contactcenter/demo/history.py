"""What was asked and settled in two years: patterns/*.toml, each told by a few people, each time a little differently.

A pattern is written like a conversation (see `conversations`), with more freedom: `[this|that]` is one of both,
`{item}` the article bought, `{name}` the customer's first name, `{town}` where they live. WHO is `me`, whoever
speaks the language, or `other`. Agents act in office hours. All of them end resolved, a week later closed.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from contactcenter.demo import conversations, goods
from contactcenter.demo.brands import BRANDS, CLOSED_AFTER
from contactcenter.demo.conversations import Talk, Turn
from contactcenter.demo.customers import Profile
from tickets.models import Channel, Ticket

SOURCES = Path(__file__).with_name("patterns")
TICKETS = 400  # in all, with those of the conversations
FARTHEST, NEAREST = timedelta(days=700), timedelta(hours=20)
ALTERNATIVES = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
QUEUES = {
    "FF": {"care": "Care", "shipping": "Shipping EU", "returns": "Returns"},
    "AH": {"care": "Alva care", "shipping": "Deliveries", "returns": "Alva care"},
}
# Who answers whom: the first speaks the language, the others help out.
SPEAKERS = {
    "FF": {"de": "ana ruth", "it": "ana", "fr": "mira", "es": "mira", "sv": "mira", "en": "ana mira sam"},
    "AH": {"en": "isla sam isla"},
}
OTHERS = {"FF": "ruth sam mira", "AH": "sam ruth"}
OPENS, SHUTS = time(8, 30), time(18)


@dataclass(frozen=True)
class Pattern:
    """A conversation that several people have had, each about an order of their own, or about none."""

    name: str
    language: str
    brand: str
    topic: str
    subject: str
    goods: tuple[str, ...]
    channel: str
    priority: int
    member: bool
    lines: tuple[tuple[timedelta, str, str, str], ...]

    def fits(self, profile: Profile) -> bool:
        """Whether this customer could have said it."""
        if self.brand not in ("", profile.brand) or (self.channel == Channel.PHONE and not profile.phone):
            return False
        spoken = (
            profile.language if profile.language in ("de", "fr", "it", "es", "nl", "sv", "da", "pl") else "en"
        )
        if profile.points is None and (self.member or any(sign == "+" for _, _, sign, _ in self.lines)):
            return False
        if self.goods and not self.sold(profile.brand):
            return False
        return self.language == (spoken if profile.brand == "FF" else "en")

    def sold(self, brand: str) -> list[str]:
        """The articles of a brand it can be about."""
        return [sku for sku in self.goods if sku in goods.CATALOGUE[brand]]


def patterns() -> list[Pattern]:
    """All of them, in the order of the files."""
    return [
        _pattern(f"{source.stem}-{rank}", row)
        for source in sorted(SOURCES.glob("*.toml"))
        for rank, row in enumerate(tomllib.loads(source.read_text(encoding="utf-8"))["talk"])
    ]


def _pattern(name: str, row: dict[str, Any]) -> Pattern:
    lines = []
    for text in row["lines"]:
        found = conversations.LINE.fullmatch(text)
        if not found:
            raise ValueError(f"{name}: cannot read “{text[:40]}”")
        number, unit, who, sign, words = found.groups()
        lines.append((timedelta(**{conversations.UNITS[unit]: int(number)}), who or "", sign, words))
    return Pattern(
        name=name,
        language=row.get("language") or name[:2],
        brand=row.get("brand", ""),
        topic=row.get("topic", "care"),
        subject=row["subject"],
        goods=tuple(row.get("goods", ())),
        channel=row.get("channel", Channel.MAIL),
        priority=Ticket.Priority[row.get("priority", "normal").upper()],
        member=row.get("member", False),
        lines=tuple(lines),
    )


def talks(now: datetime, profiles: list[Profile], count: int) -> list[Talk]:
    """`count` settled conversations of `profiles`, spread over two years, more of them lately."""
    chance = random.Random("history")  # noqa: S311  decoration, no secret
    said: Counter[str] = Counter()
    told: list[Talk] = []
    for pattern in _in_turn():
        if len(told) == count:
            return told
        fitting = [profile for profile in profiles if pattern.fits(profile)]
        if not fitting:
            continue
        profile = min(fitting, key=lambda one: (said[one.key], chance.random()))
        said[profile.key] += 1
        talk = _talk(pattern, profile, len(told), chance, now)
        if talk is not None:
            told.append(talk)
    return told


def _in_turn() -> Iterator[Pattern]:
    """Each pattern again and again, none twice in a row."""
    known = patterns()
    while True:
        yield from known


def _talk(pattern: Pattern, profile: Profile, rank: int, chance: random.Random, now: datetime) -> Talk | None:
    sku = chance.choice(pattern.sold(profile.brand)) if pattern.goods else ""
    ordered = timedelta(days=chance.randint(3, 16), hours=chance.randint(1, 9), minutes=chance.randint(0, 59))
    first = profile.joined + ordered + timedelta(days=1)
    span = min(now - NEAREST - first, FARTHEST)
    length = sum((line[0] for line in pattern.lines), timedelta()) + timedelta(days=1)
    if span < length + timedelta(days=2):
        return None
    ago = NEAREST + length + (span - length) * chance.random() ** 1.7
    opened = _by_day(now - ago, profile, chance)
    if opened < first:
        opened = first
    key = f"history-{rank:03d}"
    turns = _turns(pattern, profile, sku, key, opened, now, chance)
    if turns[-1].at > now - NEAREST:  # a Sunday made it longer
        return None
    return Talk(
        key=key,
        profile=profile,
        queue=QUEUES[profile.brand][pattern.topic],
        subject=_fill(pattern.subject, profile, sku, chance),
        channel=pattern.channel,
        priority=pattern.priority,
        skus=(sku,) if sku else (),
        ordered=ordered,
        order_status="delivered" if sku else "",
        turns=turns,
    )


def _turns(
    pattern: Pattern, profile: Profile, sku: str, key: str, at: datetime, now: datetime, chance: random.Random
) -> tuple[Turn, ...]:
    speakers = SPEAKERS[profile.brand]
    me = chance.choice(speakers.get(pattern.language, speakers["en"]).split())
    other = next(who for who in OTHERS[profile.brand].split() if who != me)
    turns: list[Turn] = []
    for gap, who, sign, words in pattern.lines:
        at += gap * chance.uniform(0.7, 1.3)
        at = _in_office(at, profile.brand, chance) if who else _awake(at, profile.zone)
        agent = {"me": me, "other": other}.get(who, who)
        words = words if sign in "+@" else _fill(words, profile, sku, chance, me=me)
        turns.append(Turn(f"demo:{key}:{len(turns)}", at, agent, sign, words))
    at = _in_office(at + timedelta(minutes=chance.randint(2, 50)), profile.brand, chance)
    turns.append(Turn(f"demo:{key}:{len(turns)}", at, me, "=", Ticket.Status.RESOLVED))
    if now - at > CLOSED_AFTER:
        turns.append(Turn(f"demo:{key}:{len(turns)}", at + CLOSED_AFTER, "", "=", Ticket.Status.CLOSED))
    return tuple(turns)


def _fill(text: str, profile: Profile, sku: str, chance: random.Random, me: str = "") -> str:
    """One of each alternative, and who and what it is about; {order} and {day} are filled in when it is told."""
    text = ALTERNATIVES.sub(lambda found: chance.choice(found[1].split("|")), text)
    last = profile.name.rpartition(" ")[2]
    facts = {"name": profile.name.split()[0], "last": last, "town": profile.city, "me": me.capitalize()}
    if sku:
        facts["item"] = goods.CATALOGUE[profile.brand][sku].said
    for word, fact in facts.items():
        text = text.replace(f"{{{word}}}", fact)
    return text[:1].upper() + text[1:]


def _by_day(at: datetime, profile: Profile, chance: random.Random) -> datetime:
    """The same day between seven in the morning and ten at night by the customer's clock."""
    day = at.astimezone(ZoneInfo(profile.zone)).date()
    hour = chance.choice((7, 8, 9, 10, 11, 12, 13, 15, 17, 18, 19, 20, 21))
    written = time(hour, chance.randint(0, 59), chance.randint(0, 59))
    return datetime.combine(day, written, tzinfo=ZoneInfo(profile.zone)).astimezone(UTC)


def _awake(at: datetime, zone: str) -> datetime:
    """`at`, or some hours later where it is night for the customer."""
    hour = at.astimezone(ZoneInfo(zone)).hour
    return at + timedelta(hours=8) if hour < 7 or hour >= 23 else at


def _in_office(at: datetime, brand: str, chance: random.Random) -> datetime:
    """`at`, or the next morning of a working day."""
    zone = ZoneInfo(BRANDS[brand]["time_zone"])
    local = at.astimezone(zone)
    day = local.date()
    if day.weekday() != 6 and OPENS <= local.time() < SHUTS:
        return at
    if local.time() >= OPENS:
        day += timedelta(days=1)
    if day.weekday() == 6:
        day += timedelta(days=1)
    start = datetime.combine(day, OPENS, tzinfo=zone).astimezone(UTC)
    return start + timedelta(minutes=chance.randint(0, 95), seconds=chance.randint(0, 59))
