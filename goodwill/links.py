"""The links by which customers choose."""

from __future__ import annotations

from django.urls import reverse

from contactcenter import links
from goodwill.models import Offer
from goodwill.models.offers import SHOWN_FOR

PURPOSE = "goodwill.offer"


def link_to(offer: Offer) -> str:
    """The address of the page on which the customer chooses, and later sees what was given."""
    if offer.default_at is None:
        raise ValueError(f"{offer} was not sent")
    until = offer.default_at + SHOWN_FOR
    word = links.token(PURPOSE, brand=offer.brand_id, subject=offer.pk, until=until)
    return links.url(reverse("offer_page", args=[word]))
