"""When a customer wants to be called, as an agent writes it down."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

import callbacks.services
from callbacks import hours
from callbacks.models import ContactHours
from desk.access import AgentRequest, customer_or_404, desk_view


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def contact_hours(request: AgentRequest, pk: int) -> HttpResponse:
    """The spans of each weekday; POST `day0` to `day6` (Monday first) keeps other ones."""
    customer = customer_or_404(request, pk)
    if request.method == "POST":
        week = {day: hours.read(request.POST.get(f"day{day}", "")[:200]) for day, _name in _days()}
        callbacks.services.set_contact_hours(customer, week, by=request.user)
    kept = callbacks.services.contact_hours_of(customer)
    days = [(day, name, hours.written(kept.get(day, []))) for day, name in _days()]
    context = {"customer": customer, "days": days, "saved": request.method == "POST"}
    return render(request, "desk/_contact_hours.html", context)


def _days() -> list[tuple[int, str]]:
    return [(int(day), str(name)) for day, name in ContactHours.Weekday.choices]
