"""Promised calls as calendars read them (RFC 5545, RFC 5546). Needs no database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress

PUBLISH, CANCEL = "PUBLISH", "CANCEL"
MAKER = "-//Loyalty Desk//Callbacks//EN"


@dataclass(frozen=True)
class Appointment:
    """One call in a calendar: instants are UTC, `sequence` rises with every change, `number` never changes.

    `organiser` is the mail address it is from, "" for an entry in the calendar of an agent.
    """

    number: int
    sequence: int
    start: datetime
    end: datetime
    changed: datetime
    title: str
    text: str = ""
    url: str = ""
    organiser: str = ""
    organiser_name: str = ""


def file_of(entry: Appointment, *, method: str) -> bytes:
    """The file that goes along with a letter: `PUBLISH` puts the call into a calendar, `CANCEL` takes it out."""
    return _calendar([entry], method=method).to_ical()


def feed_of(entries: Iterable[Appointment], *, name: str) -> bytes:
    """A calendar of many calls, to be read again and again."""
    calendar = _calendar(entries, method="")
    calendar.add("X-WR-CALNAME", name)
    calendar.add("REFRESH-INTERVAL;VALUE=DURATION", "PT15M")
    return calendar.to_ical()


def _calendar(entries: Iterable[Appointment], *, method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    if method:
        calendar.add("method", method)
    for entry in entries:
        calendar.add_component(_event(entry, cancelled=method == CANCEL))
    return calendar


def _event(entry: Appointment, *, cancelled: bool) -> Event:
    event = Event()
    event.add("uid", f"callback-{entry.number}@{urlsplit(settings.PUBLIC_URL).hostname or 'localhost'}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed.astimezone(UTC))
    event.add("dtstart", entry.start.astimezone(UTC))
    event.add("dtend", entry.end.astimezone(UTC))
    event.add("summary", entry.title)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if entry.text:
        event.add("description", entry.text)
    if entry.url:
        event.add("url", entry.url)
    if entry.organiser:
        organiser = vCalAddress(f"mailto:{entry.organiser}")
        organiser.params["CN"] = entry.organiser_name
        event.add("organizer", organiser)
    return event
