"""What this room adds to macros and rules: the promise of a call, and taking one back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import Agent, Team
from callbacks import services
from callbacks.models import Callback
from callbacks.services.finding import phone_of
from contactcenter.errors import Refused
from tickets.actions import Action, Deed, Parameters
from tickets.models import Ticket

ASSIGNEE, TEAM = "assignee", "team"
WHOM = [
    (ASSIGNEE, gettext_lazy("whoever has the ticket")),
    (TEAM, gettext_lazy("the team")),
]


class Promise(Parameters):
    hours = forms.IntegerField(
        min_value=1, max_value=24 * 30, label=gettext_lazy("Hours"),
        help_text=gettext_lazy("From now; where nothing is free then, the first hour after it that is."),
    )  # fmt: skip
    about = forms.CharField(max_length=160, label=gettext_lazy("About"))
    whom = forms.ChoiceField(
        choices=WHOM, required=False, label=gettext_lazy("Who calls"),
        help_text=gettext_lazy("Empty: whoever has the ticket."),
    )  # fmt: skip
    team = forms.ModelChoiceField(
        Team.objects.all(), required=False, label=gettext_lazy("Team"),
        help_text=gettext_lazy("Calls where nobody else does; empty: that of the ticket's queue."),
    )  # fmt: skip
    notes = forms.CharField(
        max_length=2000, required=False, label=gettext_lazy("Notes"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For whoever calls."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("whom") == TEAM and not given.get("team"):
            self.add_error("team", _("Say which team calls."))
        return given


def _promise(deed: Deed, given: dict[str, Any]) -> None:
    """The first free hour from `hours` on, kept by whoever has the ticket or by the team; refused without a number
    (`no_number`) and where no hour is free (`no_window`)."""
    customer, team = deed.ticket.customer, given.get("team")
    number = phone_of(customer)
    if number is None:
        raise Refused("no_number", _("We have no phone number of this customer."))
    has_it = Ticket.objects.select_related("assignee").get(pk=deed.ticket.pk).assignee
    owner = None if given.get("whom") == TEAM else has_it or (None if team else deed.by)
    after = deed.at + timedelta(hours=given["hours"])
    window = services.expect_next(services.Asked(customer, owner, team, number), after, at=deed.at)
    services.promise(
        customer, window, by=deed.by, owner=owner, reason=given["about"],
        ticket=deed.ticket, contact_point=number, key=deed.short_key, at=deed.at,
        more=services.More(notes=given.get("notes", ""), team=team, source=Callback.Source.RULE),
    )  # fmt: skip


def _said(given: dict[str, Any]) -> str:
    if given.get("whom") == TEAM:
        return _("Promise a call by %(team)s in %(hours)d hours: %(about)s") % given
    return _("Promise a call in %(hours)d hours: %(about)s") % given


def _cancel(deed: Deed, _given: dict[str, Any]) -> None:
    """The open call of the ticket is taken back; where there is none, nothing is to be done."""
    for callback in Callback.objects.open().filter(ticket=deed.ticket, kind=Callback.Kind.CALL):
        services.cancel(callback, by=deed.by, at=deed.at)


def _lock_calls(ticket: Ticket, _by: Agent) -> None:
    list(Callback.objects.select_for_update(of=("self",)).filter(ticket=ticket).order_by("pk"))


PROMISE_CALL = Action(
    "promise_call", gettext_lazy("Promise a call"), form=Promise, do=_promise, says=_said,
    locks={"callback": _lock_calls},
)  # fmt: skip
CANCEL_CALL = Action(
    "cancel_call", gettext_lazy("Cancel the promised call"), do=_cancel, locks={"callback": _lock_calls}
)
