"""What agents set for themselves, their name, zone and language among it: the only writer of these columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import gettext as _

from agents.models import Agent, Density, Theme
from contactcenter.errors import Refused

LONGEST_NAME = 80


def set_preferences(agent: Agent, *, by: Agent, **wanted: Any) -> Agent:
    """Keep what `agent` wants of `name`, `time_zone`, `language`, `keys_on`, `density`, `theme`, `sound`; what is not
    named stays. Said twice it is the same, so it needs no key.

    Refused: `not_allowed` for anybody else's, `no_name`, `out_of_range` for what is not offered.
    """
    if by != agent:
        raise Refused("not_allowed", _("These are somebody else's settings."))
    kept = {field: READ[field](value) for field, value in wanted.items()}
    changed = [field for field, value in kept.items() if getattr(agent, field) != value]
    for field in changed:
        setattr(agent, field, kept[field])
    if changed:
        agent.save(update_fields=changed)
    return agent


def _name(value: str) -> str:
    name = " ".join(value.replace("\0", " ").split())
    if not name:
        raise Refused("no_name", _("Give the name your colleagues and customers read."))
    if len(name) > LONGEST_NAME:
        raise Refused("out_of_range", _("A name has %d letters at most.") % LONGEST_NAME)
    return name


def _one_of(known: Callable[[], Any]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in known():
            raise Refused("out_of_range", _("Choose one of what is offered."))
        return value

    return read


READ: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "time_zone": _one_of(available_timezones),
    "language": _one_of(lambda: dict(settings.LANGUAGES)),
    "keys_on": bool,
    "density": _one_of(lambda: Density.values),
    "theme": _one_of(lambda: Theme.values),
    "sound": bool,
}
