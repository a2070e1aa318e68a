"""What the desk takes in about people; the services decide what is allowed."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale
from django import forms
from django.conf import settings
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from agents.models import Brand
from customers.models import Consent, ContactPoint, Customer, Merge
from customers.services.profile import FIELDS, LONGEST, languages
from desk.forms import Keyed, WordsField
from tickets.models import Channel, Queue
from tickets.services import BY_HAND

SOURCES = [
    ("call", _("on the phone")),
    ("mail", _("by e-mail")),
    ("shop", _("in the shop")),
    ("form", _("on a form")),
]


def language_choices(known: str = "") -> list[tuple[str, str]]:
    """Languages by name, with the one that is `known` of the customer whatever it is."""
    spoken = languages()
    codes = {code for code, _name in settings.LANGUAGES if code in spoken} | ({known} if known else set())
    names = {code: _language_name(code) for code in codes}
    return sorted(names.items(), key=lambda pair: pair[1])


def _language_name(code: str) -> str:
    try:
        return get_language_info(code)["name_translated"]
    except KeyError:
        return code


def country_choices() -> list[tuple[str, str]]:
    """Countries by name; the empty one first."""
    names = Locale.parse((get_language() or "en").replace("-", "_")).territories
    countries = [(code, names.get(code, code)) for code in phonenumbers.SUPPORTED_REGIONS]
    return [("", "–"), *sorted(countries, key=lambda pair: pair[1])]


def zone_choices() -> list[str]:
    """Time zones that are named after a place."""
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))


class ProfileForm(forms.Form):
    """The profile as it is wanted, and with the prefix `was_` as it was shown."""

    name = forms.CharField(max_length=LONGEST["name"], required=False)
    language = forms.CharField(max_length=LONGEST["language"], required=False)
    country = forms.CharField(max_length=LONGEST["country"], required=False)
    city = forms.CharField(max_length=LONGEST["city"], required=False)
    time_zone = forms.CharField(max_length=LONGEST["time_zone"], required=False)
    birthday = forms.CharField(max_length=LONGEST["birthday"], required=False)

    def profile(self) -> dict[str, Any]:
        """The fields of the profile; a language that was not said is left out."""
        fields = {field: self.cleaned_data[field] for field in FIELDS}
        return {field: value for field, value in fields.items() if value or field != "language"}

    def seen(self) -> dict[str, str]:
        """What the agent had before their eyes, for every field that says so."""
        told = {field: self.data.get(f"was_{field}") for field in FIELDS}
        return {field: str(value) for field, value in told.items() if value is not None}


class NewCustomerForm(ProfileForm, Keyed):
    brand = forms.ModelChoiceField(Brand.objects.none(), error_messages={"required": _("Choose the brand.")})
    mail = forms.CharField(max_length=254, required=False)
    phone = forms.CharField(max_length=40, required=False)
    handle = forms.CharField(max_length=254, required=False)

    def __init__(self, *args: Any, brands: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brand"].queryset = brands  # type: ignore[attr-defined]

    def addresses(self) -> list[tuple[str, str]]:
        return [
            (kind, self.cleaned_data[kind]) for kind in ContactPoint.Kind.values if self.cleaned_data[kind]
        ]


class AddressForm(forms.Form):
    kind = forms.ChoiceField(choices=ContactPoint.Kind)
    value = forms.CharField(max_length=254, error_messages={"required": _("Write the address first.")})


class CorrectionForm(forms.Form):
    value = forms.CharField(max_length=254, error_messages={"required": _("Write the address first.")})


ASKED_HERE = (
    Consent.Purpose.CALLS,
    Consent.Purpose.MARKETING,
    Consent.Purpose.STATEMENT,
)  # the programme is asked for by enrolling


class ConsentForm(forms.Form):
    purpose = forms.ChoiceField(choices=[(purpose.value, purpose.label) for purpose in ASKED_HERE])
    given = forms.TypedChoiceField(choices=[("yes", ""), ("no", "")], coerce=lambda value: value == "yes")
    source = forms.ChoiceField(choices=SOURCES)
    seen = forms.IntegerField(required=False)


class EnrolForm(forms.Form):
    source = forms.ChoiceField(choices=SOURCES)
    agreed = forms.BooleanField(
        error_messages={"required": _("The customer has to agree first; tick it when they did.")}
    )
    brought_by = forms.CharField(max_length=40, required=False)


class TicketForm(Keyed):
    """What a customer told an agent."""

    channel = forms.ChoiceField(choices=[(channel.value, channel.label) for channel in BY_HAND])
    queue = forms.ModelChoiceField(Queue.objects.none(), error_messages={"required": _("Choose a queue.")})
    subject = forms.CharField(max_length=250, required=False)
    text = WordsField(
        strip=False, max_length=100_000, error_messages={"required": _("Write down what was said first.")}
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["queue"].queryset = Queue.objects.filter(brand=customer.brand_id)  # type: ignore[attr-defined]


CHANNEL_ICONS = {Channel.PHONE: "phone", Channel.SHOP: "store", Channel.SOCIAL: "message-circle"}


class MergeForm(Keyed):
    """Who stays, and why."""

    kept = forms.IntegerField(error_messages={"required": _("Choose who stays.")})
    reason = forms.ChoiceField(
        choices=Merge.Reason.choices, error_messages={"required": _("Choose why they are merged.")}
    )


class UndoForm(Keyed):
    """What is decided of each thing that came since a merge: fields named `to:` and the thing."""

    def choices(self) -> dict[str, str]:
        return {
            name.removeprefix("to:"): str(self.data[name]) for name in self.data if name.startswith("to:")
        }
