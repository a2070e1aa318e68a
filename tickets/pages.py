"""What customers and experts open by a signed link: no sign-in, no session, no cookie; search engines see nothing.

GET only shows: programs that follow the links of every mail answer nothing. One POST counts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from uuid import uuid4

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.template.loader import select_template
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from rest_framework.throttling import SimpleRateThrottle

from contactcenter import clock, links
from contactcenter.errors import Refused
from tickets import services
from tickets.channels.email.consults import PURPOSE as CONSULT
from tickets.letters import SURVEY
from tickets.models import Consult, Survey
from tickets.services.consulting import LONGEST
from tickets.services.feedback import LONGEST_COMMENT

View = Callable[..., HttpResponse]


class Knocks(SimpleRateThrottle):
    """So often may one place knock: LINK_RATE, whatever it asks for."""

    cache = cast(Any, caches["throttle"])
    scope = "link"

    def get_rate(self) -> str:
        return str(settings.LINK_RATE)

    def get_cache_key(self, request: Any, view: Any) -> str:
        return f"link:{get_adapter().get_client_ip(request)}"


def by_link(view: View) -> View:
    """A page for whoever has the link: often from one place is 429, a link that is none of ours or has ended 404."""

    @wraps(view)
    def guarded(request: HttpRequest, word: str) -> HttpResponse:
        if not Knocks().allow_request(cast(Any, request), cast(Any, None)):
            return page(request, "often", {}, status=429)
        try:
            response = view(request, word)
        except Refused as refusal:
            response = page(request, "no_link", {"refusal": refusal}, status=404)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"  # the address is the key
        return response

    # The signed word says who may; there is no session whose rights another page could borrow.
    return never_cache(csrf_exempt(require_http_methods(["GET", "HEAD", "POST"])(guarded)))


class AnswerForm(forms.Form):
    score = forms.TypedChoiceField(choices=Survey.Score.choices, coerce=int)
    comment = forms.CharField(max_length=LONGEST_COMMENT, required=False)


class ExpertForm(forms.Form):
    text = forms.CharField(max_length=LONGEST)
    key = forms.SlugField(max_length=64)


@by_link
def survey(request: HttpRequest, word: str) -> HttpResponse:
    """The one question, with the face chosen that was clicked in the letter; POST is the answer."""
    opened = links.opened(word, SURVEY, at=clock.now())
    rows: Any = Survey.objects.select_related("brand", "ticket__customer", "ticket__brand")
    asked: Survey = rows.get(pk=opened.subject, brand=opened.brand)
    language, done = asked.ticket.customer.language, False
    if request.method == "POST" and (form := AnswerForm(request.POST)).is_valid():
        # The small script sends the score alone: a comment that was written before stays.
        comment = form.cleaned_data["comment"] if "comment" in request.POST else None
        try:
            asked, done = services.answer_survey(asked, form.cleaned_data["score"], comment=comment), True
        except Refused:
            asked.refresh_from_db()
    chosen = asked.score if done else _chosen(request) or asked.score
    context = {
        "brand": asked.brand,
        "reference": asked.ticket.reference,
        "survey": asked,
        "chosen": chosen,
        "done": done,
        "open": services.is_open(asked, clock.now()),
        "scores": list(reversed(Survey.Score.values)),
        "by_itself": request.method == "GET" and _chosen(request) and asked.score is None,
    }
    return page(request, "survey", context, language=language)


@by_link
def consult(request: HttpRequest, word: str) -> HttpResponse:
    """The question to an expert and what they may see of the ticket; POST is the answer."""
    opened = links.opened(word, CONSULT, at=clock.now())
    rows: Any = Consult.objects.select_related("brand", "asked_by", "ticket__brand")
    asked: Consult = rows.get(pk=opened.subject, brand=opened.brand)
    is_open, done, refusal = asked.state in (Consult.State.ASKED, Consult.State.ANSWERED), False, None
    if request.method == "POST" and is_open and (form := ExpertForm(request.POST)).is_valid():
        key = f"page:{asked.pk}:{form.cleaned_data['key']}"
        try:
            services.hear_expert(asked, form.cleaned_data["text"], key=key)
            done = True
        except Refused as refused:
            refusal = refused
    context = {"brand": asked.brand, "consult": asked, "open": is_open, "done": done, "refusal": refusal}
    return page(request, "consult", context | {"key": uuid4().hex})


def _chosen(request: HttpRequest) -> int | None:
    """The face that was clicked in the letter."""
    given = request.GET.get("score", "")
    return int(given) if given in map(str, Survey.Score.values) else None


def page(
    request: HttpRequest, name: str, context: dict[str, Any], *, language: str = "", status: int = 200
) -> HttpResponse:
    """A page in a customer's language, where somebody has written it in that one, else in the house's."""
    tags = [tag for tag in (language.lower(), language.lower().partition("-")[0]) if tag]
    template = select_template([*(f"pages/{name}.{tag}.html" for tag in tags), f"pages/{name}.html"])
    parts = str(template.template.name).rpartition("/")[2].split(".")
    spoken = parts[1] if len(parts) == 3 else settings.LANGUAGE_CODE
    with translation.override(spoken):
        return HttpResponse(template.render(context | {"language": spoken}, request), status=status)
