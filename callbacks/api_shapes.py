"""What the API of the callbacks takes and gives."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from agents.api.fields import BIGGEST_ID, Id, Incoming, Instant, Words
from agents.models import Team
from callbacks.models import Attempt, Callback
from callbacks.services import NOT_REACHED
from tickets.api import PersonOut

REACHED = "reached"


class TeamOut(serializers.ModelSerializer[Team]):
    class Meta:
        model = Team
        fields = ["id", "name"]


class AttemptOut(serializers.ModelSerializer[Attempt]):
    """One try to keep a promise; `outcome` is empty while the call runs, `seconds` how long they spoke, where known."""

    by = PersonOut()
    seconds = serializers.SerializerMethodField()

    class Meta:
        model = Attempt
        fields = ["at", "by", "outcome", "note", "seconds"]

    def get_seconds(self, attempt: Attempt) -> int | None:
        return int(attempt.duration.total_seconds()) if attempt.duration is not None else None


class CallbackOut(serializers.ModelSerializer[Callback]):
    """A promise; the window is a pair of instants, `zone` the customer's time zone it was offered in.

    `promised_to` is the end of the window the customer was told last: a further try has a window of its own.
    `follows` is the missed promise that this one makes up for.
    """

    brand = serializers.CharField(source="brand.code")
    customer = serializers.IntegerField(source="customer_id")
    ticket = serializers.CharField(source="ticket.reference", default=None, allow_null=True)
    number = serializers.CharField(source="contact_point.value", default=None, allow_null=True)
    owner = PersonOut(allow_null=True, help_text="null: whoever of the team can take it.")
    team = TeamOut(allow_null=True)
    topic = serializers.IntegerField(
        source="topic_id", allow_null=True, help_text="The contact reason it is counted under."
    )
    follows = serializers.IntegerField(source="follows_id", allow_null=True)
    attempts = AttemptOut(many=True)

    class Meta:
        model = Callback
        fields = [
            "id", "brand", "customer", "ticket", "kind", "channel", "source", "number", "reason", "notes", "topic",
            "priority", "owner", "team", "window_from", "window_to", "promised_to", "zone", "state", "tries",
            "attempts", "follows", "promised_at", "ended_at",
        ]  # fmt: skip


class FreeOut(serializers.Serializer[Any]):
    """A window that can be promised."""

    window_from = serializers.DateTimeField(source="start")
    window_to = serializers.DateTimeField(source="end")


class WindowsOut(serializers.Serializer[Any]):
    """The free windows of a day of the customer's calendar."""

    zone = serializers.CharField()
    day = serializers.DateField()
    windows = FreeOut(many=True)


class WindowIn(Incoming):
    """From when to when, as instants."""

    window_from = Instant()
    window_to = Instant()


class PromiseIn(WindowIn):
    """A call, or a task, within a window of twelve hours at most."""

    customer = Id()
    ticket = Words(max_length=20, required=False, help_text="The reference of a ticket of the customer.")
    kind = serializers.ChoiceField(choices=Callback.Kind.choices, default=Callback.Kind.CALL)
    number = Words(
        max_length=254, required=False,
        help_text="One of the customer's phones, for video one of their mail addresses; left out: the first.",
    )  # fmt: skip
    channel = serializers.ChoiceField(choices=Callback.Channel.choices, default=Callback.Channel.VOICE)
    reason = Words(max_length=160)
    notes = Words(max_length=2000, required=False, allow_blank=True, help_text="For whoever calls.")
    owner = Id(
        required=False,
        help_text="The agent who is to call; left out: whoever of the team can, else who promises.",
    )
    team = Id(required=False, help_text="Who calls where the owner cannot, or where there is none.")


class MoveIn(WindowIn):
    """Another window."""

    note = Words(max_length=500, required=False, allow_blank=True)


class OutcomeIn(Incoming):
    """What came of it: of a task only `reached`, which says that it is done."""

    outcome = serializers.ChoiceField(choices=[REACHED, *NOT_REACHED])
    note = Words(max_length=500, required=False, allow_blank=True)


class HandOverIn(Incoming):
    """Who is to keep it instead: an agent, or whoever of a team can."""

    owner = Id(required=False)
    team = Id(required=False)


class AskedIn(serializers.Serializer[Any]):
    """Whose windows of which day are asked for, as an address says it."""

    customer = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID)
    day = serializers.DateField(required=False)
    team = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID, required=False)


class NothingIn(Incoming):
    """An empty object."""
