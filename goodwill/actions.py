"""What this room adds to macros and rules: points, inside the limits of whoever sends; a rule only asks for them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodwill import services
from goodwill.models import Reason
from goodwill.services import locking
from tickets.actions import Action, Deed, Parameters
from tickets.services.acting import acting_rule


class Grant(Parameters):
    reason = forms.ModelChoiceField(Reason.objects.filter(is_active=True), label=gettext_lazy("Reason"))
    points = forms.IntegerField(
        min_value=1, max_value=1_000_000, required=False, label=gettext_lazy("Points"),
        help_text=gettext_lazy("Empty: as many as the reason usually gives."),
    )  # fmt: skip


def _points(given: dict[str, Any]) -> int:
    reason: Reason = given["reason"]
    return given["points"] or reason.default_points


def _grant(deed: Deed, given: dict[str, Any]) -> None:
    # The request's key has 64 characters, and that of an action says where it comes from.
    do = services.ask if acting_rule() else services.grant
    do(deed.ticket, _points(given), by=deed.by, reason=given["reason"], key=deed.short_key, at=deed.at)


def _said(given: dict[str, Any]) -> str:
    return _("Give %(points)d points: %(reason)s") % {"points": _points(given), "reason": given["reason"]}


GRANT_POINTS = Action(
    "grant_points", gettext_lazy("Give goodwill points"), form=Grant, do=_grant, says=_said,
    locks={
        "budget": locking.lock_budgets, "agent": locking.lock_agent, "customer": locking.lock_customer,
        "account": locking.lock_account,
    },
)  # fmt: skip
