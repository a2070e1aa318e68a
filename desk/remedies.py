"""What can be given instead of points, or be left to the customer to choose: as the panel shows it and takes it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

import loyalty.services
from agents.models import Agent
from contactcenter import clock
from customers.models import Order
from desk.access import account_of
from desk.forms import Keyed, WordsField
from goodwill.limits import limits_of, most_alone
from goodwill.models import Offer, Reason
from goodwill.models.policies import policy_of
from goodwill.services import Option
from loyalty.models import Reward
from tickets.models import Ticket

SHOWN = 30  # vouchers, and as many benefits
POINTS, CALL = "points", "call"


@dataclass(frozen=True)
class Givable:
    """A voucher or a benefit under the word by which the form names it, and what it counts for in points."""

    word: str
    gift: Any
    worth: int


def vouchers_for(ticket: Ticket) -> list[Givable]:
    """What of the catalogue may be given on a ticket: vouchers that are not sold out, for who is no member too."""
    account = account_of(ticket.customer)
    rows = Reward.objects.offered(clock.now()).filter(brand=ticket.brand_id, kind=Reward.Kind.VOUCHER)
    if account:
        rows = rows.filter(programme=account.programme_id)
    return [Givable(f"reward:{row.pk}", row, row.worth) for row in rows.exclude(stock=0)[:SHOWN]]


def benefits_for(ticket: Ticket) -> list[Givable]:
    """The benefits with a value that the member does not have."""
    account = account_of(ticket.customer)
    if account is None:
        return []
    rows = loyalty.services.given_to(account, clock.now())
    return [Givable(f"benefit:{row.pk}", row, row.gift_points or 0) for row in rows[:SHOWN]]


def offered_on(ticket: Ticket) -> list[Offer]:
    """What customers may choose from on a ticket and have not yet, the newest first. Three queries at the most."""
    rows = Offer.objects.filter(request__ticket__in=ticket.whole(), state=Offer.State.OPEN).order_by("-pk")
    return list(rows.select_related("request").prefetch_related("remedies__reward", "remedies__benefit")[:3])


def alone(agent: Agent, ticket: Ticket) -> int:
    """How many points' worth `agent` could give on a ticket now without asking."""
    at = clock.now()
    policy = policy_of(agent, ticket.brand_id, at)
    most = most_alone(limits_of(agent, ticket, 0, at=at, policy=policy))
    return most if policy is None or policy.second_above is None else min(most, policy.second_above)


class RemediesForm(Keyed):
    """One thing to give, or two or three to choose from."""

    reason = forms.ModelChoiceField(
        Reason.objects.none(), error_messages={"required": _("Choose what went wrong first.")}
    )
    remedy = forms.MultipleChoiceField(
        choices=(),
        error_messages={
            "required": _("Choose what to give."),
            "invalid_choice": _("This cannot be given any more. Open the panel again."),
        },
    )
    points = forms.IntegerField(
        min_value=1,
        max_value=1_000_000,
        required=False,
        error_messages={
            "min_value": _("Give a number of points above zero."),
            "max_value": _("That is more than anybody may give."),
            "invalid": _("Give a whole number of points."),
        },
    )
    order = forms.ModelChoiceField(Order.objects.none(), required=False)
    text = WordsField(strip=False, max_length=20_000, required=False)
    deed = forms.ChoiceField(choices=[("give", ""), ("offer", "")])

    def __init__(
        self, *args: Any, reasons: Any, gifts: list[Givable], member: bool, orders: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order"].queryset = orders  # type: ignore[attr-defined]
        self.gifts = {one.word: one.gift for one in gifts}
        words = [*self.gifts, CALL, *([POINTS] if member else [])]
        self.fields["reason"].queryset = reasons  # type: ignore[attr-defined]
        self.fields["remedy"].choices = [(word, word) for word in words]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """`options` in the order in which they stand on the panel."""
        cleaned = self.cleaned_data
        wanted = cleaned.get("remedy", [])
        if POINTS in wanted and not cleaned.get("points") and "points" not in self.errors:
            raise forms.ValidationError(_("Give a number of points."))
        if cleaned.get("deed") == "offer" and not cleaned.get("text", "").strip():
            raise forms.ValidationError(_("Write a sentence above the link."))
        if cleaned.get("deed") == "give" and (len(wanted) > 1 or CALL in wanted):
            raise forms.ValidationError(
                _("Give one thing, no call; two or three are for the customer to choose from.")
            )
        cleaned["options"] = [self._option(word) for word in (POINTS, *self.gifts, CALL) if word in wanted]
        return cleaned

    def _option(self, word: str) -> Option:
        if word == POINTS:
            return Option(points=self.cleaned_data.get("points") or 0)
        return Option(gift=self.gifts.get(word))
