"""Keeping promises: the agenda, what is offered, the call and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

import callbacks.services
from callbacks.models import Attempt, Callback
from contactcenter import clock
from contactcenter.errors import Invalid
from desk import panes
from desk.access import AgentRequest, desk_view, shown_or_404
from desk.agenda import promises_of, standing_of
from desk.calls import call_of
from desk.forms import OutcomeForm, PromiseForm, checked, fresh_key
from desk.queue import due_now
from desk.quoting import split_quoted
from desk.views.parts import go_to, parts
from desk.windows import days_and_hours
from tickets.models import Message

# The outcomes that reach nobody, as the addresses name them.
NOT_REACHED = {
    "no-answer": Attempt.Outcome.NO_ANSWER,
    "busy": Attempt.Outcome.BUSY,
    "voicemail": Attempt.Outcome.VOICEMAIL,
    "wrong-number": Attempt.Outcome.WRONG_NUMBER,
}
Deed = Callable[[Callback], Callback]


@desk_view
@require_safe
def agenda(request: AgentRequest, pk: int | None = None) -> HttpResponse:
    """My promises of today and what comes, with one of them open; the list alone for a page that asks for news."""
    groups = promises_of(seen_by(request), request.user)
    if request.htmx.target == "agenda":
        return render(request, "desk/_agenda_rows.html", {"groups": groups, "now": clock.now()})
    chosen = get_object_or_404(seen_by(request), pk=pk) if pk else next((one.rows[0] for one in groups), None)
    context = {"groups": groups, "chosen": chosen, "due": due_now(request.user), "now": clock.now()}
    if chosen:
        context |= _brief(request, chosen)
    if request.htmx.target == "conversation":
        return parts(request, context, "_call.html", "_customer.html")
    return render(request, "desk/callbacks.html", context)


@desk_view
@require_safe
def due(request: AgentRequest) -> HttpResponse:
    """What is due for this agent now; every page asks every few seconds."""
    return render(request, "desk/_due.html", {"due": due_now(request.user)})


@desk_view
@require_safe
def windows_of(request: AgentRequest, pk: int) -> HttpResponse:
    """The windows of a day to move a promise into."""
    callback = get_object_or_404(seen_by(request), pk=pk)
    return render(
        request,
        "desk/_windows.html",
        {"callback": callback} | days_and_hours(request, callbacks.services.asked_again(callback)),
    )


@desk_view
@require_POST
def accept(request: AgentRequest, pk: int) -> HttpResponse:
    """Take a call that is due or offered; from another page it leads to the call's own."""
    deed = partial(callbacks.services.accept, by=request.user)
    if request.htmx.target == "conversation":
        return _after(request, pk, deed)
    deed(get_object_or_404(seen_by(request), pk=pk))
    return go_to(request, reverse("desk:callback", args=[pk]))


@desk_view
@require_POST
def decline(request: AgentRequest, pk: int) -> HttpResponse:
    """Say no to an offer, or give an accepted call back; from another page one stays there."""
    deed = partial(callbacks.services.decline, by=request.user)
    if request.htmx.target == "conversation":
        return _after(request, pk, deed)
    deed(get_object_or_404(seen_by(request), pk=pk))
    return render(request, "desk/_due.html", {"due": due_now(request.user)})


@desk_view
@require_POST
def outcome(request: AgentRequest, pk: int, what: str) -> HttpResponse:
    """What came of it: done, one of those that reach nobody, move or cancel."""
    form = checked(OutcomeForm(request.POST))
    return _after(request, pk, _deed(request, what, form))


def _deed(request: AgentRequest, what: str, form: dict[str, Any]) -> Deed:
    said: dict[str, Any] = {"by": request.user, "key": form["key"], "note": form["note"]}
    if what == "done":
        return partial(callbacks.services.done, **said)
    if what in NOT_REACHED:
        return partial(callbacks.services.not_reached, outcome=NOT_REACHED[what], **said)
    if what == "move":
        if form["window"] is None:
            raise Invalid("invalid", str(PromiseForm.base_fields["window"].error_messages["required"]))
        return partial(callbacks.services.move, window=form["window"], **said)
    if what == "cancel":
        return partial(callbacks.services.cancel, by=request.user)
    raise Http404


def _after(request: AgentRequest, pk: int, deed: Deed) -> HttpResponse:
    """Do it, and show how the promise stands now."""
    deed(get_object_or_404(seen_by(request), pk=pk))
    return shown(request, pk)


def shown(request: AgentRequest, pk: int) -> HttpResponse:
    """The promise as it stands, with agenda, customer and what is due beside it."""
    chosen = get_object_or_404(seen_by(request), pk=pk)
    context = {"groups": promises_of(seen_by(request), request.user), "chosen": chosen, "now": clock.now()}
    context |= _brief(request, chosen) | {"due": due_now(request.user)}
    return parts(request, context, "_call.html", "_agenda.html", "_customer.html", "_due.html")


def seen_by(request: AgentRequest) -> Any:
    """Promises of the brands one serves, with all that their pages show."""
    return Callback.objects.visible_to(request.user).select_related(
        "brand", "customer__brand", "customer__account__tier", "customer__account__programme__brand",
        "contact_point", "owner", "team", "promised_by", "offered_to", "ticket__brand", "ticket__queue",
        "follows", "topic",
    )  # fmt: skip


def _brief(request: AgentRequest, callback: Callback) -> dict[str, Any]:
    """Everything worth knowing before one speaks."""
    attempts = list(callback.attempts.select_related("by"))
    for attempt in attempts:
        attempt.callback = callback
    context: dict[str, Any] = {
        "attempts": attempts,
        "call": call_of(attempts[-1] if attempts else None),
        "standing": standing_of(callback, request.user, attempts),
        "key": fresh_key(),
    }
    if callback.ticket:
        page = shown_or_404(request, callback.ticket.reference)
        context |= panes.pane_of(page, by=request.user)
        heard = page.ticket.said().filter(kind=Message.Kind.INBOUND)
        said = heard.order_by("-created_at", "-pk").first()
        context["last_words"] = split_quoted(said.text)[0][:400] if said else ""
    else:
        context |= panes.customer_pane(callback.customer, by=request.user)
    return context | days_and_hours(request, callbacks.services.asked_again(callback))
