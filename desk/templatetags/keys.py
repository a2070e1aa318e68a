"""Keys of the desk by their names, out of the one table."""

from __future__ import annotations

from django import template

from desk.keys import TABLE

register = template.Library()


@register.simple_tag
def key(*names: str) -> str:
    """What `data-key` takes for these deeds; a name that the table does not have fails the page."""
    return " ".join(TABLE[name].keys for name in names)


@register.simple_tag
def cap(name: str) -> str:
    """What is printed on the cap of a single key."""
    return TABLE[name].shown[0][-1]
