"""Who works in the demo: agents of every role. All sign in with one password, which is no secret."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from agents import roles
from agents.models import Agent, Skill, Team
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
        agent.password = password
        agent.save(update_fields=["password"])
        brands = [story.brands[code] for code in person.brands]
        agent.groups.add(groups[person.role])
        agent.brands.add(*brands)
        agent.teams.add(*Team.objects.filter(brand__in=brands, name__in=person.teams))
        agent.skills.add(*Skill.objects.filter(code__in=person.skills))
        story.agents[key] = agent
