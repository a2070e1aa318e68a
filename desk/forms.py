"""What the desk takes in; the services decide what is allowed."""

from __future__ import annotations

import uuid
from datetime import UTC
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Team
from callbacks.models import Callback
from contactcenter.errors import Invalid
from customers.models import ContactPoint, Customer, Order
from goodwill.models import Reason
from tickets.models import Macro, TicketLink


def fresh_key() -> str:
    """A key that makes this one form harmless to send twice."""
    return uuid.uuid4().hex


def checked(form: forms.Form) -> dict[str, Any]:
    """What was sent in, clean; else `Invalid` with the first thing to mend."""
    if not form.is_valid():
        first = next(iter(form.errors.values()))[0]
        raise Invalid("invalid", str(first))
    return form.cleaned_data


class Keyed(forms.Form):
    """A form whose deed may be repeated without harm."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)


class WordsField(forms.CharField):
    """What was written, as it stands, with a line end counted as one sign."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class ComposerForm(Keyed):
    kind = forms.ChoiceField(choices=[("reply", _("Reply")), ("note", _("Note"))])
    text = WordsField(
        strip=False, max_length=100_000, error_messages={"required": _("There is nothing written yet.")}
    )
    seen = forms.IntegerField(min_value=0)
    then = forms.ChoiceField(choices=[("stay", ""), ("resolve", ""), ("next", "")], required=False)
    anyway = forms.BooleanField(required=False)
    macro = forms.ModelMultipleChoiceField(Macro.objects.all(), required=False)
    version = forms.IntegerField(min_value=0, required=False)
    later = forms.CharField(max_length=20, required=False)
    later_at = forms.DateTimeField(required=False)
    whatever = forms.BooleanField(required=False)

    def clean_macro(self) -> list[Macro]:
        """The macros in the order in which they were put into the words."""
        chosen = [str(pk) for pk in self.data.getlist("macro")]  # type: ignore[attr-defined]
        return sorted(self.cleaned_data["macro"], key=lambda macro: chosen.index(str(macro.pk)))


class DraftForm(forms.Form):
    """What is typed so far."""

    kind = forms.ChoiceField(choices=[("reply", ""), ("note", "")])
    text = WordsField(strip=False, max_length=100_000, required=False)
    key = forms.CharField(max_length=64)
    seen = forms.IntegerField(min_value=0)
    version = forms.IntegerField(min_value=0)


class HourForm(forms.Form):
    """Another hour for a reply that waits."""

    later_at = forms.DateTimeField(error_messages={"required": _("Choose a day and an hour.")})


class ViewForm(forms.Form):
    """A list to keep, or with `view` one to change; `shared`: no, all, or the key of a team."""

    name = forms.CharField(max_length=60, error_messages={"required": _("Give the view a name.")})
    query = forms.CharField(max_length=400, error_messages={"required": _("Say which tickets: tier:gold.")})
    brand = forms.IntegerField(min_value=1)
    view = forms.IntegerField(min_value=1, required=False)
    shared = forms.RegexField(r"^(no|all|\d{1,18})$", required=False, empty_value="no")


class ConsultForm(Keyed):
    """A question to somebody outside the floor."""

    address = forms.EmailField(
        max_length=254,
        error_messages={
            "required": _("Whom do you ask? Give their e-mail address."),
            "invalid": _("That is no e-mail address."),
        },
    )
    name = forms.CharField(max_length=80, required=False)
    question = WordsField(max_length=20_000, error_messages={"required": _("Write your question first.")})
    hold = forms.BooleanField(required=False)


class ShopForm(Keyed):
    note = forms.CharField(max_length=500, required=False)


class TagForm(forms.Form):
    name = forms.CharField(max_length=40, error_messages={"required": _("Write a word for the tag.")})


class LinkForm(forms.Form):
    other = forms.CharField(
        max_length=20, error_messages={"required": _("Write the number of the other ticket, like FF-4812.")}
    )
    kind = forms.ChoiceField(choices=TicketLink.Kind.choices)


class Loss(forms.DecimalField):
    """Money that the customer lost, in the brand's currency."""

    def __init__(self, **kwargs: Any) -> None:
        told = {"invalid": _("Give what was lost as money, like 12.50.")}
        super().__init__(
            min_value=0, max_digits=9, decimal_places=2, required=False, error_messages=told, **kwargs
        )

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


def loss_in_minor(loss: Decimal | None) -> int | None:
    return None if loss is None else int(loss * 100)


class PointsForm(Keyed):
    """Points for a reason of the brand."""

    reason = forms.ModelChoiceField(
        Reason.objects.none(), error_messages={"required": _("Choose what went wrong first.")}
    )
    points = forms.IntegerField(
        min_value=1,
        max_value=1_000_000,
        error_messages={
            "required": _("Give a number of points."),
            "min_value": _("Give a number of points above zero."),
            "max_value": _("That is more than anybody may give."),
            "invalid": _("Give a whole number of points."),
        },
    )

    words = forms.CharField(max_length=500, required=False)

    def __init__(self, *args: Any, reasons: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].queryset = reasons  # type: ignore[attr-defined]


class GoodwillForm(PointsForm):
    ask = forms.BooleanField(required=False)  # what is over a limit waits for somebody who may agree to it
    message = WordsField(max_length=10_000, required=False)  # goes to the customer once it is agreed to
    urgent = forms.BooleanField(required=False)
    order = forms.ModelChoiceField(Order.objects.none(), required=False)
    loss = Loss()

    def __init__(self, *args: Any, orders: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order"].queryset = orders  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Points that were shown for another reason are nobody's decision: its own amount has not come yet."""
        cleaned = self.cleaned_data
        shown_for = self.data.get("for")
        if shown_for and "reason" in cleaned and shown_for != str(cleaned["reason"].pk):
            raise forms.ValidationError(
                _("These points were those of the reason before; look at them and give again.")
            )
        return cleaned


class IncidentForm(PointsForm):
    """The same for every customer whom an incident hit."""

    spares = forms.BooleanField(required=False)  # whoever was given something on such a ticket is left out


class RewardField(forms.CharField):
    """A reward (its id) and the price that was shown beside it, in one choice: `12:500`."""

    def to_python(self, value: Any) -> Any:
        pk, _colon, price = (super().to_python(value) or "").partition(":")
        if not value:
            return None
        if not all(part.isdecimal() and len(part) < 10 for part in (pk, price)):
            raise forms.ValidationError(_("Choose one of the rewards."))
        return int(pk), int(price)


class RedeemForm(Keyed):
    reward = RewardField(error_messages={"required": _("Choose a reward first.")})


class CodeForm(forms.Form):
    """What the customer read out."""

    code = forms.CharField(
        max_length=20, error_messages={"required": _("Type the code that the customer reads out.")}
    )


class WindowField(forms.CharField):
    """Two UTC instants in one choice: `2026-11-24T09:00:00+00:00/2026-11-24T10:00:00+00:00`."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            start, end = (parse_datetime(part) for part in text.split("/"))
        except ValueError:
            start = end = None
        if not (start and end and start.tzinfo and end.tzinfo):
            raise forms.ValidationError(_("Choose one of the windows."))
        try:
            return start.astimezone(UTC), end.astimezone(UTC)
        except (
            OverflowError
        ):  # the last hours of the year 9999 in the west, the first of the year 1 in the east
            raise forms.ValidationError(_("Choose one of the windows.")) from None


class PromiseForm(Keyed):
    """A callback or a task. A number may be chosen or, where there is none, be given."""

    kind = forms.ChoiceField(choices=[*Callback.Kind.choices, ("video", "")])
    window = WindowField(error_messages={"required": _("Choose one of the windows.")})
    reason = forms.CharField(
        max_length=160, error_messages={"required": _("Say in a few words what the promise is about.")}
    )
    contact_point = forms.ModelChoiceField(ContactPoint.objects.none(), required=False)
    number = forms.CharField(max_length=40, required=False)
    notes = WordsField(max_length=2000, required=False)
    owner = forms.ModelChoiceField(Agent.objects.none(), required=False)
    team = forms.ModelChoiceField(Team.objects.none(), required=False)

    def __init__(self, *args: Any, customer: Customer, owners: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        phones = customer.contact_points.filter(kind=ContactPoint.Kind.PHONE)
        self.fields["contact_point"].queryset = phones  # type: ignore[attr-defined]
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A video call is a call by another channel; somebody has to make it."""
        given = super().clean() or {}
        given["channel"] = Callback.Channel.VIDEO if given.get("kind") == "video" else Callback.Channel.VOICE
        if given.get("kind") == "video":
            given["kind"] = Callback.Kind.CALL
        if not self.errors and not given["owner"] and not given["team"]:
            raise forms.ValidationError(_("Say who is to call: an agent, or a team."))
        return given


class AskedForm(forms.Form):
    """Who is to call and at which number, as far as it is said while windows are looked at."""

    contact_point = forms.ModelChoiceField(ContactPoint.objects.none(), required=False)
    owner = forms.ModelChoiceField(Agent.objects.none(), required=False)
    team = forms.ModelChoiceField(Team.objects.none(), required=False)

    def __init__(self, *args: Any, points: Any, owners: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact_point"].queryset = points  # type: ignore[attr-defined]
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]


class OutcomeForm(Keyed):
    note = forms.CharField(max_length=500, required=False)
    window = WindowField(required=False)
