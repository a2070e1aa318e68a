"""The page on which a customer chooses, opened by a signed link. GET only shows; one POST chooses."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter import clock, links
from contactcenter.errors import Refused
from goodwill import services
from goodwill.links import PURPOSE
from goodwill.models import Offer, Remedy
from loyalty.models import Voucher
from tickets.pages import by_link, page


@by_link
def offer(request: HttpRequest, word: str) -> HttpResponse:
    """What there is to choose from, or what was chosen; POST `remedy` chooses it, once."""
    at = clock.now()
    opened = links.opened(word, PURPOSE, at=at)
    rows: Any = Offer.objects.select_related("brand", "request__ticket__customer", "request__ticket__brand")
    shown: Offer | None = rows.filter(pk=opened.subject, brand=opened.brand).first()
    if shown is None:
        raise Refused("no_link", _("This link is not one of ours. Perhaps it was cut off."))
    refusal, wanted = None, request.POST.get("remedy", "")
    if request.method == "POST" and wanted.isdecimal() and len(wanted) < 19:
        try:
            services.choose(shown, int(wanted))
        except Refused as refused:
            refusal = refused
        shown = rows.get(pk=shown.pk)
    remedies = list(Remedy.objects.filter(offer=shown).select_related("reward", "benefit"))
    chosen = next((one for one in remedies if one.pk == shown.chosen_id), None)
    context = {
        "brand": shown.brand,
        "offer": shown,
        "reference": shown.request.ticket.reference,
        "remedies": remedies,
        "default": next(one for one in remedies if one.is_default),
        "chosen": chosen,
        "voucher": Voucher.objects.select_related("redemption__reward__programme")
        .filter(redemption__goodwill=shown.request_id)
        .first(),
        "open": shown.state == Offer.State.OPEN and shown.default_at and at < shown.default_at,
        "taken_back": shown.request.state in ("undone", "reversed"),
        "refusal": refusal,
    }
    customer = shown.request.ticket.customer
    with timezone.override(ZoneInfo(customer.zone)):
        return page(request, "offer", context, language=customer.language)
