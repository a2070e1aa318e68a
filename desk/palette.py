"""What ⌘K offers: people, tickets, orders and macros that were typed, and the deeds and places of the desk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import Agent
from agents.presence.models import Kind
from desk.finding import Found, Search, find
from desk.keys import TABLE
from desk.searching import groups
from desk.wall import SEES_ALL
from tickets.models import Macro, Ticket
from tickets.search import search

EACH, RECENT, LONGEST, SHORTEST = 5, 8, 120, 2
REFERENCE = re.compile(r"([A-Z0-9]{1,9})-([0-9]{1,9})")
COLUMNS = ("brand__code", "number", "subject", "customer__name")


@dataclass(frozen=True)
class Option:
    """One line. Chosen, it goes to `href` (a `ticket` within the page), presses what the selector `presses` finds on
    the page (not offered where nothing is found), or fetches the macro at the address `macro`."""

    words: str
    icon: str
    beside: str = ""
    href: str = ""
    ticket: str = ""
    presses: str = ""
    macro: str = ""
    cap: str = ""


@dataclass
class Offers:
    title: str
    options: list[Option] = field(default_factory=list)


# Where the palette leads: the name of the address, in words, the icon.
PLACES: tuple[tuple[str, Any, str], ...] = (
    ("desk:home", gettext_lazy("Go to the queue"), "inbox"),
    ("desk:callbacks", gettext_lazy("Go to your callbacks"), "phone"),
    ("desk:notifications", gettext_lazy("What you were told"), "bell"),
    ("desk:search", gettext_lazy("Search tickets"), "search"),
    ("desk:views", gettext_lazy("Views of the queue"), "eye"),
    ("desk:new_customer", gettext_lazy("New customer"), "user-plus"),
    ("desk:me", gettext_lazy("Your settings"), "settings"),
)
WALL = ("desk:wall", gettext_lazy("Live board"), "chart-no-axes-column")
STATES = {
    Kind.AVAILABLE: gettext_lazy("I am available"),
    Kind.BUSY: gettext_lazy("I am busy"),
    Kind.AWAY: gettext_lazy("I am away"),
    Kind.OFFLINE: gettext_lazy("I am offline"),
}


def offered(agent: Agent, typed: str, *, ticket: str = "", recent: Sequence[str] = ()) -> list[Offers]:
    """The groups for what was `typed`, beside the open `ticket` (its reference); for nothing typed the `recent` ones.

    What holds the words as they were typed stands before names that only come near.
    Costs the same number of questions whatever is typed and however much there is.
    """
    words = " ".join(typed.replace("\0", " ").split())[:LONGEST]
    deeds = Offers(_("Deeds"), _holding(_deeds(), words))
    places = Offers(_("Places"), _holding(_places(agent), words))
    if len(words) < SHORTEST:
        shown = [Offers(_("Opened last"), _recent(agent, recent, but=ticket)), deeds, places]
    else:
        people = find(agent, words)
        named = Offers(_("Customers and orders"), [] if people.alike else _people(people))
        near = Offers(_("These names come near"), _people(people) if people.alike else [])
        macros = Offers(_("Macros"), _macros(agent, words, ticket))
        shown = [deeds, named, macros, Offers(_("Tickets"), _tickets(agent, words)), places, near]
    return [group for group in shown if group.options]


def _holding(options: list[Option], words: str) -> list[Option]:
    """Those that hold every word; all of them where there are none."""
    wanted = words.casefold().split()
    return [option for option in options if all(word in option.words.casefold() for word in wanted)]


def _deeds() -> list[Option]:
    keys = [
        Option(str(key.does), key.icon, presses=key.borne_by, cap=key.shown[0][-1])
        for key in TABLE.values()
        if key.icon
    ]
    states = [
        Option(str(words), "circle-dot", presses=f'#presence [data-state="{kind}"]')
        for kind, words in STATES.items()
    ]
    theme = Option(_("Light or dark"), "sun-moon", presses="[data-theme-toggle]")
    return [*keys, *states, theme]


def _places(agent: Agent) -> list[Option]:
    places = [*PLACES, WALL] if agent.has_perms(SEES_ALL) else PLACES
    return [Option(str(words), icon, href=reverse(name)) for name, words, icon in places]


def _recent(agent: Agent, references: Sequence[str], *, but: str) -> list[Option]:
    """The tickets that this browser opened last, in that order, as far as the agent may see them. One question."""
    named = [
        found for found in map(REFERENCE.fullmatch, references[: RECENT + 1]) if found and found[0] != but
    ]
    if not named:
        return []
    which = Q()
    for found in named:
        which |= Q(brand__code=found[1], number=int(found[2]))
    visible: Any = Ticket.objects.visible_to(agent).filter(which)
    known = {f"{row[0]}-{row[1]}": row for row in visible.values_list(*COLUMNS)}
    return [
        _ticket(found[0], subject=known[found[0]][2], beside=known[found[0]][3] or _("Unknown"))
        for found in named
        if found[0] in known
    ]


def _ticket(reference: str, *, subject: str, beside: str) -> Option:
    return Option(
        f"{reference} {subject or _('No subject')}",
        "ticket",
        beside=beside,
        href=reverse("desk:ticket", args=[reference]),
        ticket=reference,
    )


def _people(people: Search) -> list[Option]:
    """Customers by whatever was typed of them, an order and a ticket by their numbers."""
    return [_found(one) for one in people.rows[:EACH]]


def _found(one: Found) -> Option:
    name = str(one.customer)
    if one.how == "ticket":
        address = reverse("desk:ticket", args=[one.what])
        return Option(_("Ticket %s") % one.what, "ticket", beside=name, href=address, ticket=one.what)
    href = reverse("desk:person", args=[one.customer.pk])
    if one.how == "order":
        return Option(_("Order %s") % one.what, "shopping-bag", beside=name, href=href)
    what = str(one.address or "") if one.how == "name" else one.what
    return Option(name, "user-round", beside=what, href=href)


def _tickets(agent: Agent, words: str) -> list[Option]:
    rows = [row for group in groups(search(agent, words, size=EACH), agent) for row in group.rows]
    return [_ticket(row["reference"], subject=row["named"], beside=row["customer"]) for row in rows[:EACH]]


def _macros(agent: Agent, words: str, ticket: str) -> list[Option]:
    """Macros for the open ticket by title or shortcut; none where no ticket is open. Two questions at most."""
    visible: Any = Ticket.objects.visible_to(agent).referred_to_by(ticket)
    open_one = visible.select_related("brand").only("brand").first()
    if open_one is None:
        return []
    named = Q(title__icontains=words) | Q(shortcut__icontains=words)
    macros = Macro.objects.offered_to(agent, open_one.brand).filter(named).order_by("title")[:EACH]
    return [
        Option(
            macro.title,
            "message-circle",
            beside=f"/{macro.shortcut}" if macro.shortcut else "",
            macro=reverse("desk:macro", args=[ticket, macro.pk]),
        )
        for macro in macros
    ]
