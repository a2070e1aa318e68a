"""Where the icons lie: one file for all pages, which a browser keeps. Known in every template without loading."""

from __future__ import annotations

from django import template
from django.templatetags.static import static

register = template.Library()


@register.simple_tag
def icons() -> str:
    """The address of the sprite: `<use href="{% icons %}#i-mail"/>`."""
    return static("desk/icons.svg")
