"""What the agent's own page takes in and shows beside it."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from tickets.models import RoutingPolicy
from tickets.services.crew import Crew


class OwnForm(forms.Form):
    """The whole page; the service says what is allowed."""

    name = forms.CharField(
        max_length=200, error_messages={"required": _("Give the name your colleagues and customers read.")}
    )
    time_zone = forms.CharField(max_length=40)
    language = forms.CharField(max_length=10)
    keys_on = forms.BooleanField(required=False)
    density = forms.CharField(max_length=11)
    theme = forms.CharField(max_length=6)
    sound = forms.BooleanField(required=False)


def languages() -> list[tuple[str, str]]:
    """What the house speaks, each by its own name: whoever looks for theirs may not read the present one."""
    return [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]


def taken_by(agent: Agent) -> int:
    """How much of `agent` is taken by the tickets they have that wait for us, as routing reckons it; in percent."""
    return round(Crew(RoutingPolicy.objects.visible_to(agent)).loads([agent.pk])[agent.pk] * 100)
