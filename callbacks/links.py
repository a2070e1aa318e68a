"""Addresses of this room that stand in letters and on other people's pages: signed, each for one thing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.core import signing
from django.urls import reverse

from agents.models import Brand, Token
from callbacks.models import Callback, CallbackPolicy
from contactcenter import links

PROMISE, REQUEST, FEED = "callbacks.promise", "callbacks.request", "callbacks.feed"
SHOWN_FOR = timedelta(days=7)  # after its window a customer can still read what became of a promise
ALWAYS = datetime(2100, 1, 1, tzinfo=UTC)  # of addresses that end by a switch of ours and not by themselves


def link_to(callback: Callback) -> str:
    """The address of the page on which the customer sees a call, moves it or cancels it."""
    until = max(callback.promised_to, callback.window_to) + SHOWN_FOR
    word = links.token(PROMISE, brand=callback.brand_id, subject=callback.pk, until=until)
    return links.url(reverse("callback_page", args=[word]))


def request_link(brand: Brand) -> str:
    """The address of the page on which anybody asks this brand for a call; it stays the same."""
    word = links.token(REQUEST, brand=brand.pk, subject=brand.pk, until=ALWAYS)
    return links.url(reverse("callback_request", args=[word]))


def feed_link(token: Token) -> str:
    """The secret address of the calendar that this token opens, until it is revoked."""
    word = links.token(FEED, brand=0, subject=token.pk, until=ALWAYS)
    return links.url(reverse("callback_feed", args=[word]))


def video_link(callback: Callback, policy: CallbackPolicy) -> str:
    """Where a video call meets, the same for customer and agent; "" for other calls and where the brand has no place.

    Its last part is a word that only this promise has and nobody guesses.
    """
    if callback.channel != Callback.Channel.VIDEO or not policy.video_url:
        return ""
    word = signing.Signer(salt="callbacks.video").signature(f"{callback.brand_id}.{callback.pk}")
    return f"{policy.video_url.rstrip('/')}/{word}"
