"""Who works in the demo: agents of every role. All sign in with one password, which is no secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from agents import roles
from agents.models import Agent, Skill, Team
from agents.presence.models import Kind, StateReason
from agents.presence.services import lose_some, set_state
from contactcenter.demo.story import Story

PASSWORD = "loyalty-desk-demo"  # noqa: S105  printed for whoever tries the demo


@dataclass(frozen=True)
class Person:
    """An agent as the demo presents them; the first of PEOPLE is the one to sign in as."""

    name: str
    email: str
    role: str
    brands: tuple[str, ...]
    teams: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    time_zone: str = "Europe/Berlin"


PEOPLE = {
    "ana": Person("Ana Petrova", "ana@fjordandfinch.example", roles.AGENT, ("FF",),
                  ("Shipping", "Care"), ("german", "italian", "couriers")),
    "sam": Person("Sam Okoye", "sam@fjordandfinch.example", roles.AGENT, ("FF", "AH"),
                  ("Shipping", "Alva care"), ("couriers", "furniture"), "Europe/London"),
    "mira": Person("Mira Lindholm", "mira@fjordandfinch.example", roles.AGENT, ("FF",),
                   ("Care",), ("french", "spanish", "programme"), "Europe/Stockholm"),
    "isla": Person("Isla Fraser", "isla@alvahome.example", roles.AGENT, ("AH",),
                   ("Alva care",), ("furniture", "programme"), "Europe/London"),
    "ruth": Person("Ruth Adler", "ruth@fjordandfinch.example", roles.SUPERVISOR, ("FF", "AH"),
                   ("Care", "Shipping", "Alva care"), ("german", "programme")),
    "viktor": Person("Viktor Dahl", "admin@fjordandfinch.example", roles.ADMINISTRATOR, ("FF", "AH")),
    "shop": Person("Web shop", "shop@fjordandfinch.example", roles.INTEGRATION, ("FF", "AH"), time_zone="UTC"),
}  # fmt: skip


def hire(story: Story) -> None:
    """Make the agents, with their role, brands, teams, skills and time zone."""
    groups = {group.name: group for group in Group.objects.filter(name__in=roles.RANKED)}
    password = make_password(PASSWORD)  # one hash for all: hashing is slow on purpose, and this is no secret
    for key, person in PEOPLE.items():
        agent = Agent.objects.create_user(
            person.email,
            name=person.name,
            time_zone=person.time_zone,
            is_staff=person.role in (roles.SUPERVISOR, roles.ADMINISTRATOR),
        )
        if person.role != roles.INTEGRATION:  # a machine signs in nowhere; it will have tokens
            agent.password = password
            agent.save(update_fields=["password"])
        brands = [story.brands[code] for code in person.brands]
        agent.groups.add(groups[person.role])
        agent.brands.add(*brands)
        agent.teams.add(*Team.objects.filter(brand__in=brands, name__in=person.teams))
        agent.skills.add(*Skill.objects.filter(code__in=person.skills))
        story.agents[key] = agent
    for key in ("ana", "sam", "mira"):
        _work_yesterday(story.agents[key], story.now - timedelta(days=1))


def _work_yesterday(agent: Agent, day: datetime) -> None:
    """A day of eight hours with a lunch, for the page that tells of times; in the evening the desk was just closed."""
    lunch = StateReason.objects.filter(brand__in=agent.brands.all(), code="lunch").earliest("pk")
    morning = day.replace(hour=8, minute=0, second=0)
    for hours, kind, reason in ((0, Kind.AVAILABLE, None), (4, Kind.AWAY, lunch), (5, Kind.AVAILABLE, None)):
        set_state(agent, kind, reason=reason, by=agent, at=morning + timedelta(hours=hours))
    lose_some(at=morning + timedelta(hours=9))
