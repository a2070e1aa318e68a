"""Where the icons lie: one file for all pages, which a browser keeps. Known in every template without loading."""

from __future__ import annotations

from functools import cache

from django import template
from django.conf import settings
from django.templatetags.static import static

register = template.Library()


@register.simple_tag
def icons() -> str:
    """The address of the sprite: `<use href="{% icons %}#i-mail"/>`."""
    return _address(settings.STORAGES["staticfiles"]["BACKEND"], settings.STATIC_URL, settings.DEBUG)


@cache
def _address(storage: str, base: str, debug: bool) -> str:
    """Asked 150 times by a page, and a twelfth of its time where the storage was asked each time.

    The arguments are what it follows from.
    """
    return static("desk/icons.svg")
