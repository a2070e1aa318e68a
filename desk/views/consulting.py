"""Asking an expert from a ticket, and naming colleagues in a note."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import tickets.services
from desk.access import AgentRequest, desk_view, ticket_or_404
from desk.forms import ConsultForm, checked, fresh_key
from desk.quoting import split_quoted
from desk.views.parts import after_deed
from desk.views.ticket import number_in
from tickets.models import Consult, Message, Ticket

MESSAGES_OFFERED = 3
LONGEST_SHOWN = 5_000  # signs of one message that an expert is shown


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def consult(request: AgentRequest, reference: str) -> HttpResponse:
    """The panel that asks an expert; POST asks."""
    ticket = ticket_or_404(request, reference)
    if request.method == "POST":
        form = checked(ConsultForm(request.POST))
        tickets.services.ask_expert(
            ticket, form["question"], address=form["address"], name=form["name"], hold=form["hold"],
            shown=_shown(ticket, request.POST.getlist("show")), by=request.user, key=f"consult:{form['key']}",
        )  # fmt: skip
        return after_deed(request, reference)
    context = {"ticket": ticket, "said": _said(ticket), "key": fresh_key()}
    return render(request, "desk/_consult.html", context)


@desk_view
@require_POST
def withdraw(request: AgentRequest, reference: str, pk: int) -> HttpResponse:
    """The expert's answer is not needed any more."""
    ticket = ticket_or_404(request, reference)
    asked = get_object_or_404(Consult.objects.visible_to(request.user), pk=pk, ticket=ticket)
    tickets.services.withdraw(asked, by=request.user)
    return after_deed(request, reference, first="_thread.html")


@desk_view
@require_safe
def names(request: AgentRequest, reference: str) -> HttpResponse:
    """Whom a note of this ticket may name, as far as their name begins with what is typed after the @."""
    ticket = ticket_or_404(request, reference)
    begun = request.GET.get("q", "").replace("\0", "").strip()[:80]
    return render(request, "desk/_names.html", {"names": tickets.services.names_for(ticket, begun)})


def _said(ticket: Ticket) -> list[Message]:
    """What the customer wrote last: what an expert may be shown."""
    heard = ticket.messages.filter(kind=Message.Kind.INBOUND).order_by("-seq")[:MESSAGES_OFFERED]
    return list(heard)[::-1]


def _shown(ticket: Ticket, chosen: list[str]) -> str:
    """The words of the messages that the agent chose to show, without what they quote."""
    seqs = [number for number in map(number_in, chosen[:MESSAGES_OFFERED]) if number]
    rows = ticket.messages.filter(kind=Message.Kind.INBOUND, seq__in=seqs).order_by("seq")
    return "\n\n".join(split_quoted(row.text)[0].strip()[:LONGEST_SHOWN] for row in rows)
