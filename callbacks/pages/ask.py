"""The page of a brand on which anybody asks for a call. It never tells whether we know a number."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

import phonenumbers
from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from agents.models import Brand
from callbacks import offered, services, windows
from callbacks.links import REQUEST
from callbacks.models import CallbackPolicy
from callbacks.pages.call import day_in
from callbacks.zones import town_of
from contactcenter import clock, links
from contactcenter.errors import Refused
from customers.contact import Kind, country_of, normalise
from customers.models import ContactPoint
from tickets.pages import Knocks, by_link, page

NO_NAME = re.compile(r"://|www\.|[@<>/\\\x00-\x1f]")
COSTLY = (phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST)
SPOKEN = ("de", "en")  # languages the page is written in


class Requests(Knocks):
    """So many calls may be asked for from one place: REQUEST_RATE."""

    scope = "request"

    def get_rate(self) -> str:
        return str(settings.REQUEST_RATE)

    def get_cache_key(self, request: Any, view: Any) -> str:
        return f"request:{get_adapter().get_client_ip(request)}"


class RequestForm(forms.Form):
    """What is asked: addresses come out in their normal form, the window as two UTC instants."""

    name = forms.CharField(max_length=80)
    phone = forms.CharField(max_length=40)
    mail = forms.CharField(max_length=254, required=False)
    about = forms.CharField(max_length=160)
    window = forms.CharField(max_length=11)
    key = forms.SlugField(max_length=64)

    def __init__(self, data: Any, *, asked: services.Asked, at: datetime) -> None:
        super().__init__(data)
        self.asked, self.at = asked, at

    def clean_name(self) -> str:
        """A name is greeted in letters: nothing that leads elsewhere stands in one."""
        name = " ".join(self.cleaned_data["name"].split())
        if NO_NAME.search(name):
            raise forms.ValidationError("", code="no_name")
        return name

    def clean_phone(self) -> str:
        """A number that costs whoever calls it more than a call is none to call back."""
        country = country_of(self.asked.place.zone.key)
        number = self._normal(Kind.PHONE, self.cleaned_data["phone"], country=country)
        if phonenumbers.number_type(phonenumbers.parse(number)) in COSTLY:
            raise forms.ValidationError("", code="bad_address")
        return number

    def clean_mail(self) -> str:
        return self._normal(Kind.MAIL, self.cleaned_data["mail"]) if self.cleaned_data["mail"] else ""

    def clean_window(self) -> tuple[datetime, datetime]:
        free = offered.chosen(self.cleaned_data["window"], self.asked, at=self.at)
        if free is None:
            raise forms.ValidationError("", code="not_free")
        return free.start, free.end

    def clean(self) -> None:
        """Whatever the number tells of where it rings: nobody is called there at night."""
        found = self.cleaned_data
        if "phone" in found and "window" in found:
            number = ContactPoint(kind=Kind.PHONE, value=found["phone"])
            rules = services.Booking(replace(self.asked, point=number), self.at).rules
            if windows.refusal(*found["window"], now=self.at, rules=rules):
                self.add_error("window", forms.ValidationError("", code="quiet"))

    def _normal(self, kind: str, value: str, *, country: str = "") -> str:
        try:
            return normalise(kind, value, country=country)
        except Refused as refusal:
            raise forms.ValidationError(refusal.sentence, code="bad_address") from None

    @property
    def wrong(self) -> dict[str, str]:
        """What is wrong, by field: a code, which the page makes a sentence of in its language."""
        return {field: str(errors.as_data()[0].code) for field, errors in self.errors.items()}


@by_link
def ask(request: HttpRequest, word: str) -> HttpResponse:
    """The form with the free windows of seven days from ?day= on; POST asks for one of them."""
    at = clock.now()
    opened = links.opened(word, REQUEST, at=at)
    brand = Brand.objects.filter(pk=opened.subject, id=opened.brand).first()
    if brand is None:
        raise Refused("no_link", _("This link is not one of ours. Perhaps it was cut off."))
    asked = services.asked_of(brand)
    zone = asked.place.zone
    open_to_all = CallbackPolicy.objects.of(brand.pk).takes_requests
    context: dict[str, Any] = {
        "brand": brand,
        "town": town_of(zone, _spoken(request)),
        "open": open_to_all,
        "given": {},
        "wrong": {},
    }
    if request.method == "POST" and open_to_all:
        if request.POST.get("website"):  # people do not see this field: whoever fills it in is a program
            context["asked"] = True
        else:
            context |= _asked(request, brand, asked, at)
    if not context.get("asked"):
        context["choice"] = offered.choice(day_in(request), asked, at=at)
    context["key"] = context["given"].get("key") or uuid4().hex
    with timezone.override(zone):
        status = 429 if context.get("often") else 200
        return page(request, "ask", context, language=_spoken(request), status=status)


def _asked(request: HttpRequest, brand: Brand, asked: services.Asked, at: datetime) -> dict[str, Any]:
    """Ask for the call that the form names; gives what the page says. The answer is the same whoever it is."""
    form = RequestForm(request.POST, asked=asked, at=at)
    given = {name: request.POST.get(name, "")[:300] for name in form.fields}
    if not form.is_valid():
        return {"wrong": form.wrong, "given": given | ({"key": ""} if "key" in form.errors else {})}
    if not Requests().allow_request(cast(Any, request), cast(Any, None)):
        return {"often": True, "given": given}
    found = form.cleaned_data
    wish = services.Wish(
        name=found["name"], number=found["phone"], about=found["about"], window=found["window"], mail=found["mail"],
        language=_spoken(request),
    )  # fmt: skip
    try:
        services.ask_for_call(brand, wish, key=found["key"], at=at)
    except Refused as refusal:
        if refusal.code == "full":
            return {"wrong": {"window": "full"}, "given": given}
        return {"refusal": refusal, "given": given}
    return {"asked": True, "number": found["phone"], "starts": wish.window[0], "ends": wish.window[1]}


def _spoken(request: HttpRequest) -> str:
    """The first language of the browser's that the page is written in."""
    wanted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    tags = (tag.partition("-")[0] for tag, _weight in wanted)
    return next((tag for tag in tags if tag in SPOKEN), "en")
