"""What was said and done on the demo's tickets, read from conversations/*.toml.

A ticket is anchored either by `due_in` (minutes until its answer is due, negative: overdue) or by `ago`
(how long ago its last line was). Each line of its `talk` is `+GAP [WHO] SIGN WORDS`, GAP the time since the
line before (`+20m`, `+3h`, `+2d`):

    <  the customer says               >  WHO answers                #  WHO notes
    +  WHO gives goodwill (reason, points)     @  WHO assigns to WORDS
    =  WHO moves it to a status        ~  WHO promises a call (`2d 14:00 | reason`, the customer's clock)
    !  WHO takes on a task without a call (as ~)

In a subject and in what is said, {order} is the number of the ticket's order and {day:+2}
in what is said the weekday two days after the line, {day:+2 de} the same in German.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import get_day_names

import goodwill.services
import tickets.services
from agents.telling import supervisors_of
from contactcenter.demo import brands, callbacks, sorting
from contactcenter.demo.customers import Profile
from contactcenter.demo.purchases import Purchase, end_of, plan_end
from contactcenter.demo.story import Story
from goodwill.models import Request
from tickets.channels.email import message_ids
from tickets.models import Channel, Message, Ticket, TicketNumber

SOURCES = Path(__file__).with_name("conversations")
LINE = re.compile(r"\+(\d+)([mhd])(?: (\w+))? ([<>#+@=~!]) (.+)", re.DOTALL)
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
# The showcase of each brand bears this number; the others count up to it and on from it.
SHOWCASE_NUMBER = {"FF": ("parcel-never-came", 4812), "AH": ("lamp-arrived-broken", 2207)}
GOODWILL_MONTHS = 12
SENT_AFTER = timedelta(seconds=7)


@dataclass(frozen=True)
class Turn:
    """One line of a talk: at the instant `at`, `who` did what `sign` says."""

    key: str
    at: datetime
    who: str
    sign: str
    words: str


@dataclass(frozen=True)
class Talk:
    """A ticket to be, from its opening to its last line."""

    key: str
    profile: Profile
    queue: str
    subject: str
    channel: str
    priority: int
    skus: tuple[str, ...]
    ordered: timedelta
    order_status: str
    turns: tuple[Turn, ...]

    @property
    def opened(self) -> datetime:
        return self.turns[0].at

    @property
    def order(self) -> Purchase | None:
        """The order the talk is about, placed `ordered` before it began."""
        if not self.skus:
            return None
        at = self.opened - self.ordered
        return Purchase(self.profile.key, self.profile.brand, at, self.skus, self.order_status, self.key)


class Weekday:
    """Stands for {day:+2} in a text: the name of the day that many days after the line."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __format__(self, spec: str) -> str:
        days, _, language = spec.partition(" ")
        return get_day_names(locale=language or "en")[(self.at + timedelta(days=int(days))).weekday()]


def read(now: datetime, profiles: list[Profile]) -> list[Talk]:
    """All talks of both brands, in the order in which their tickets were opened."""
    people = {profile.key: profile for profile in profiles}
    rows = [
        row
        for source in sorted(SOURCES.glob("*.toml"))
        for row in tomllib.loads(source.read_text(encoding="utf-8"))["ticket"]
    ]
    return sorted((_talk(row, people[row["customer"]], now) for row in rows), key=lambda talk: talk.opened)


def _talk(row: dict[str, Any], profile: Profile, now: datetime) -> Talk:
    skus, _, days = row.get("order", "").partition(" ")
    return Talk(
        key=row["key"],
        profile=profile,
        queue=row["queue"],
        subject=row["subject"],
        channel=row.get("channel", Channel.MAIL),
        priority=Ticket.Priority[row.get("priority", "normal").upper()],
        skus=tuple(skus.split("+")) if skus else (),
        ordered=timedelta(days=int(days or 0), hours=3, minutes=17),
        order_status=row.get("order_status", ""),
        turns=_turns(row, now),
    )


def _turns(row: dict[str, Any], now: datetime) -> tuple[Turn, ...]:
    lines = []
    offset = timedelta()
    for text in row["talk"]:
        found = LINE.fullmatch(text)
        if not found:
            raise ValueError(f"{row['key']}: cannot read “{text[:40]}”")
        number, unit, who, sign, words = found.groups()
        offset += timedelta(**{UNITS[unit]: int(number)})
        lines.append((offset, who or "", sign, words))
    start = _start(row, lines, now)
    return tuple(
        Turn(f"demo:{row['key']}:{rank}", start + offset, who, sign, words)
        for rank, (offset, who, sign, words) in enumerate(lines)
    )


def _start(row: dict[str, Any], lines: list[tuple[timedelta, str, str, str]], now: datetime) -> datetime:
    """When the first line was, so that the ticket is due, or was last touched, when its row says."""
    if "due_in" not in row:
        ago = sum(
            (timedelta(**{UNITS[part[-1]]: int(part[:-1])}) for part in row["ago"].split()), timedelta()
        )
        return now - ago - lines[-1][0]
    answers = [rank for rank, (_, _, sign, words) in enumerate(lines) if sign == ">" or words == "resolved"]
    unanswered = next(line for line in lines[answers[-1] + 1 if answers else 0 :] if line[2] == "<")
    minutes = next(m for of in brands.QUEUES.values() for name, _, _, m in of if name == row["queue"])
    if row.get("sooner"):  # a tier whose members are answered twice as soon
        minutes //= 2
    return now + timedelta(minutes=row["due_in"] - minutes) - unanswered[0]


def given(talks: list[Talk]) -> list[tuple[str, datetime]]:
    """Who is given points in a talk and when, and when those end."""
    gifts = [(talk.profile, turn.at) for talk in talks for turn in talk.turns if turn.sign == "+"]
    ends = [(profile.key, end_of(profile.brand, at, GOODWILL_MONTHS)) for profile, at in gifts]
    return [(profile.key, at) for profile, at in gifts] + ends


def plan(story: Story, talks: list[Talk], numbers: dict[str, str]) -> None:
    """Tickets open and their lines follow; `numbers` are those of the orders they speak of, by ticket."""
    for brand, (key, wanted) in SHOWCASE_NUMBER.items():
        rank = [talk.key for talk in talks if talk.profile.brand == brand].index(key)
        TicketNumber.objects.create(brand=story.brands[brand], last=wanted - rank - 1)
    for talk in talks:
        story.add(talk.opened, partial(_open, story, talk, numbers.get(talk.key, "")))
        for turn in talk.turns:
            if turn.sign in "~!":
                callbacks.plan_of_talk(story, talk.key, talk.profile, turn)
            else:
                story.add(turn.at, partial(DEEDS[turn.sign], story, talk, turn, numbers.get(talk.key, "")))
            if turn.sign == "+":
                plan_end(story, talk.profile.key, talk.profile.brand, turn.at, months=GOODWILL_MONTHS)


def _open(story: Story, talk: Talk, order: str) -> None:
    ticket = tickets.services.open_ticket(
        story.customers[talk.profile.key],
        queue=story.queues[talk.queue],
        subject=talk.subject.format(order=order),
        channel=talk.channel,
        key=f"demo:{talk.key}",
        at=talk.opened,
    )
    if talk.priority != ticket.priority:
        Ticket.objects.filter(pk=ticket.pk).update(priority=talk.priority)  # no deed of the room sets it yet
    story.tickets[talk.key] = ticket


def _words(talk: Talk, turn: Turn, order: str) -> str:
    day = Weekday(turn.at.astimezone(ZoneInfo(talk.profile.zone)))
    return turn.words.strip().format(order=order, day=day)


def _hear(story: Story, talk: Talk, turn: Turn, order: str) -> None:
    by_channel = {
        Channel.PHONE: talk.profile.phone,
        Channel.SMS: talk.profile.phone,
        Channel.SOCIAL: talk.profile.handle,
    }
    mail = talk.channel == Channel.MAIL
    tickets.services.hear(
        story.tickets[talk.key],
        _words(talk, turn, order),
        channel=talk.channel,
        sender=by_channel.get(Channel(talk.channel)) or talk.profile.mail,
        key=turn.key,
        message_id=f"{turn.key.replace(':', '.')}@{talk.profile.mail.partition('@')[2]}" if mail else "",
        at=turn.at,
    )


def _reply(story: Story, talk: Talk, turn: Turn, order: str) -> None:
    ticket, by = story.tickets[talk.key], story.agents[turn.who]
    message = tickets.services.reply(ticket, _words(talk, turn, order), by=by, key=turn.key, at=turn.at)
    sent(message, story.queues[talk.queue].address, at=min(turn.at + SENT_AFTER, story.now))


def sent(message: Message, address: str, *, at: datetime) -> None:
    """It went out from `address` at the instant `at`: no worker may send what the story only tells of."""
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.SENT,
        due_at=None,
        attempts=1,
        sent_at=at,
        message_id=message_ids.of(message, address.partition("@")[2]),
    )


def _note(story: Story, talk: Talk, turn: Turn, order: str) -> None:
    ticket, by = story.tickets[talk.key], story.agents[turn.who]
    tickets.services.note(ticket, _words(talk, turn, order), by=by, key=turn.key, at=turn.at)


def _goodwill(story: Story, talk: Talk, turn: Turn, order: str) -> None:
    """Given at once; what is over somebody's limits a supervisor agrees to a minute later."""
    reason, points = turn.words.split()
    request = goodwill.services.ask(
        story.tickets[talk.key], int(points), by=story.agents[turn.who],
        reason=story.reasons[talk.profile.brand, reason], key=turn.key, at=turn.at,
    )  # fmt: skip
    if request.state == Request.State.WAITING:
        boss = next(one for one in supervisors_of(request.ticket.brand) if one != request.by)
        goodwill.services.approve(request, by=boss, at=turn.at + timedelta(minutes=1))


def _assign(story: Story, talk: Talk, turn: Turn, order: str) -> None:
    by, to = story.agents[turn.who], story.agents[turn.words]
    tickets.services.assign(story.tickets[talk.key], to, by=by, at=turn.at)


def _move(story: Story, talk: Talk, turn: Turn, order: str) -> None:
    ticket, status = story.tickets[talk.key], turn.words
    if status == Ticket.Status.CLOSED:
        tickets.services.close(ticket, at=turn.at)
        return
    by = story.agents[turn.who]
    if status == Ticket.Status.RESOLVED:
        sorting.say_why(story, ticket, who=turn.who, at=turn.at)
        tickets.services.resolve(ticket, by=by, at=turn.at)
    elif status == "reopened":
        tickets.services.reopen(ticket, by=by, at=turn.at)
    else:
        tickets.services.set_status(ticket, status, by=by, at=turn.at)


DEEDS = {"<": _hear, ">": _reply, "#": _note, "+": _goodwill, "@": _assign, "=": _move}
