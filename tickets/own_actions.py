"""The actions of this room, for the registry in tickets/actions.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import Agent, Team
from agents.presence.models import Kind
from agents.telling import notify, supervisors_of
from contactcenter.errors import Refused
from tickets import placeholders, services
from tickets.actions import Action, Deed, Parameters, do_all, read, register
from tickets.filling import filled_for
from tickets.models import Macro, Queue, Tag, Ticket
from tickets.services.acting import acting_rule

Given = dict[str, Any]


class ToAgent(Parameters):
    agent = forms.ModelChoiceField(Agent.objects.all(), label=gettext_lazy("Agent"))


class ToTeam(Parameters):
    team = forms.ModelChoiceField(Team.objects.all(), label=gettext_lazy("Team"))


class ToQueue(Parameters):
    queue = forms.ModelChoiceField(Queue.objects.all(), label=gettext_lazy("Queue"))


class Priority(Parameters):
    priority = forms.TypedChoiceField(
        choices=Ticket.Priority.choices, coerce=int, label=gettext_lazy("Priority")
    )


class Type(Parameters):
    type = forms.ChoiceField(choices=Ticket.Type.choices, label=gettext_lazy("Type"))


class TagName(Parameters):
    name = forms.CharField(max_length=40, label=gettext_lazy("Tag"))


class TagOff(Parameters):
    tag = forms.ModelChoiceField(Tag.objects.all(), label=gettext_lazy("Tag"))


class Hours(Parameters):
    hours = forms.IntegerField(min_value=1, max_value=24 * 90, label=gettext_lazy("Hours"))


class Text(Parameters):
    text = forms.CharField(
        max_length=10_000, widget=forms.Textarea(attrs={"rows": 4}), label=gettext_lazy("Text")
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if wrong := placeholders.refusal(text):
            raise forms.ValidationError(wrong)
        return text


class ByMacro(Parameters):
    macro = forms.ModelChoiceField(Macro.objects.filter(is_active=True), label=gettext_lazy("Macro"))


WHOM = [
    ("assignee", gettext_lazy("whoever has the ticket")),
    ("supervisors", gettext_lazy("the supervisors")),
]


class Whom(Parameters):
    whom = forms.ChoiceField(choices=WHOM, label=gettext_lazy("Whom"))


def _assign_to_team(deed: Deed, given: Given) -> None:
    """To whoever of the team is there and has the fewest open tickets of the brand; refused: `nobody_there`."""
    busy = Count("tickets", filter=Q(tickets__is_open=True, tickets__brand=deed.ticket.brand_id))
    there = Agent.objects.serving(deed.ticket.brand).filter(
        teams=given["team"], presence__kind=Kind.AVAILABLE
    )
    to = there.annotate(busy=busy).order_by("busy", "pk").first()
    if to is None:
        raise Refused("nobody_there", _("Nobody of %s is there.") % given["team"])
    services.assign(deed.ticket, to, by=deed.by, at=deed.at)


def _text_for(deed: Deed, text: str) -> str:
    """The text as it is sent; refused where a value is not known (`value_missing`): nobody looks at it before."""
    said, missing = filled_for(text, deed.ticket, by=deed.by, at=deed.at)
    if missing:
        raise Refused("value_missing", _("Nothing is known for {%s}.") % missing[0])
    return said


def _note(deed: Deed, given: Given) -> None:
    services.note(deed.ticket, _text_for(deed, given["text"]), by=deed.by, key=deed.key, at=deed.at)


def _reply(deed: Deed, given: Given) -> None:
    services.tell(deed.ticket, _text_for(deed, given["text"]), by=deed.by, key=deed.key, at=deed.at)


def _reply_macro(deed: Deed, given: Given) -> None:
    macro: Macro = given["macro"]
    if macro.text:
        _reply(deed, {"text": macro.text})
    do_all(read(macro.actions, deed.ticket.brand, macro=True), deed)


def _of_macro(one: Mapping[str, Any]) -> list[Any]:
    """The actions of the macro that is named, as they are written; none of one that is gone."""
    return Macro.objects.filter(pk=one["macro"]).values_list("actions", flat=True).first() or []


def _notify(deed: Deed, given: Given) -> None:
    """Tell whoever has the ticket, or the supervisors where that is asked for or nobody has it."""
    rule = acting_rule()
    assignee = Agent.objects.filter(tickets=deed.ticket)  # as the actions before have left it
    told = list(assignee) if given["whom"] == "assignee" else []
    told = told or supervisors_of(deed.ticket.brand)
    notify(
        told, brand_id=deed.ticket.brand_id, kind="rule", subject=deed.ticket.reference, key=deed.key[:100], at=deed.at,
        rule=rule.rule_id if rule else None,
    )  # fmt: skip


def _said(pattern: Any, name: str, choices: Any = None) -> Any:
    """A sentence with one parameter in it."""
    return lambda given: pattern % (dict(choices)[given[name]] if choices else given[name])


OWN = [
    Action(
        "assign", gettext_lazy("Assign to an agent"), form=ToAgent, says=_said(gettext_lazy("Assign to %s"), "agent"),
        do=lambda deed, given: services.assign(deed.ticket, given["agent"], by=deed.by, at=deed.at),
    ),
    Action(
        "assign_team", gettext_lazy("Assign within a team"), form=ToTeam, do=_assign_to_team,
        says=_said(gettext_lazy("Assign to whoever of %s is there and has the least to do"), "team"),
    ),
    Action(
        "move", gettext_lazy("Move to a queue"), form=ToQueue, says=_said(gettext_lazy("Move to %s"), "queue"),
        do=lambda deed, given: services.move_to(deed.ticket, given["queue"], by=deed.by, at=deed.at),
    ),
    Action(
        "hand_back", gettext_lazy("Hand back to the queue"),
        do=lambda deed, given: services.assign(deed.ticket, None, by=deed.by, at=deed.at),
    ),
    Action(
        "priority", gettext_lazy("Set the priority"), form=Priority,
        says=_said(gettext_lazy("Priority: %s"), "priority", Ticket.Priority.choices),
        do=lambda deed, given: services.set_priority(deed.ticket, given["priority"], by=deed.by, at=deed.at),
    ),
    Action(
        "type", gettext_lazy("Set the type"), form=Type,
        says=_said(gettext_lazy("Type: %s"), "type", Ticket.Type.choices),
        do=lambda deed, given: services.set_type(deed.ticket, given["type"], by=deed.by, at=deed.at),
    ),
    Action(
        "tag", gettext_lazy("Put a tag on"), form=TagName, says=_said(gettext_lazy("Tag %s"), "name"),
        do=lambda deed, given: services.tag(deed.ticket, given["name"], by=deed.by, at=deed.at),
    ),
    Action(
        "untag", gettext_lazy("Take a tag off"), form=TagOff, says=_said(gettext_lazy("Take the tag %s off"), "tag"),
        do=lambda deed, given: services.untag(deed.ticket, given["tag"], by=deed.by, at=deed.at),
    ),
    Action(
        "snooze", gettext_lazy("Put off"), form=Hours, says=_said(gettext_lazy("Put off for %s hours"), "hours"),
        do=lambda deed, given: services.snooze(
            deed.ticket, deed.at + timedelta(hours=given["hours"]), by=deed.by, at=deed.at
        ),
    ),
    Action(
        "resolve", gettext_lazy("Resolve"), do=lambda deed, given: services.resolve(deed.ticket, by=deed.by, at=deed.at)
    ),
    Action("note", gettext_lazy("Leave a note"), form=Text, do=_note, says=_said(gettext_lazy("Note: %s"), "text")),
    Action(
        "reply", gettext_lazy("Write to the customer"), form=Text, do=_reply, only_rules=True,
        says=_said(gettext_lazy("Write to the customer: %s"), "text"),
    ),
    Action(
        "macro", gettext_lazy("Use a macro"), form=ByMacro, do=_reply_macro, within=_of_macro, only_rules=True,
        says=_said(gettext_lazy("Use the macro %s"), "macro"),
    ),
    Action(
        "notify", gettext_lazy("Notify"), form=Whom, do=_notify,
        says=_said(gettext_lazy("Notify %s"), "whom", WHOM),
    ),
]  # fmt: skip


def register_own() -> None:
    register(*OWN)
