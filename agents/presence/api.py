"""Presence: who is there, and one's own state."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api.endpoint import Endpoint
from agents.api.fields import Incoming, Words
from agents.models import Agent
from agents.presence.models import Kind, Presence, StateReason
from agents.presence.services import set_state


class PresenceOut(serializers.ModelSerializer[Presence]):
    """The state an agent is in since when; `reason` is a code of one of their brands."""

    agent = serializers.IntegerField(source="agent_id")
    name = serializers.CharField(source="agent.name")
    state = serializers.ChoiceField(source="kind", choices=Kind.choices)
    reason = serializers.CharField(source="reason.code", default=None, allow_null=True)

    class Meta:
        model = Presence
        fields = ["agent", "name", "state", "reason", "since"]


class StateIn(Incoming):
    """The state to go into. Sent again it says: still here; who is silent for 150 seconds is offline."""

    brand = Words(max_length=8, help_text="The code of a brand the agent serves.")
    state = serializers.ChoiceField(choices=Kind.choices)
    reason = Words(max_length=20, required=False, help_text="The code of a reason of this brand.")


@extend_schema_view(
    list=extend_schema(summary="The states of colleagues"),
    create=extend_schema(summary="Go into a state", request=StateIn, responses={201: PresenceOut}),
)
class Presences(ListModelMixin, Endpoint):
    """Who of the brands the agent serves is there."""

    scope = "presence"
    queryset = Presence.objects.all()
    serializer_class = PresenceOut
    pagination_class = None

    def rows(self) -> QuerySet[Any]:
        known = Agent.objects.visible_to(self.agent).filter(is_active=True)
        return Presence.objects.filter(agent__in=known).select_related("agent", "reason").order_by("agent")

    def create(self, request: Request) -> Response:
        brought = self.parsed(StateIn)

        def deed(_key: str) -> tuple[int, Any]:
            brand = self.brand(brought["brand"])
            reason = None
            if code := brought.get("reason"):
                known = StateReason.objects.filter(brand=brand, code=code)
                reason = self.one(known, "unknown_reason", _("There is no such reason."))
            present = set_state(self.agent, brought["state"], by=self.agent, reason=reason)
            return brand.pk, self.shown(self.rows().get(agent=present.agent_id), PresenceOut)

        return self.once(deed)
