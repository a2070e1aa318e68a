"""Whether a request that waits is for the one who looks to decide."""

from django import template

from desk.giving import can_decide

register = template.Library()

register.filter("decidable_by", can_decide)
