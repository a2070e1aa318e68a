"""The dialog in which an agent finds out who asks: opened from the customer's pane, or by a refusal that needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

import customers.services
import tickets.services
from customers.models import ContactPoint, Customer, SentCode
from customers.services.requiring import outside
from desk.access import AgentRequest, customer_or_404, desk_view
from desk.forms import CodeForm, checked
from desk.verifying import dialog_of
from desk.views.parts import parts
from desk.views.ticket import number_in
from tickets.models import Ticket

ANSWER = "answer-"  # before the code of a question, in the name of its field


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: AgentRequest, pk: int) -> HttpResponse:
    """The dialog, or with POST one step (`what`); ?conversation= names the ticket it is about, if any."""
    customer = customer_or_404(request, pk)
    conversation, ticket = _conversation(request, customer)
    if request.method == "POST":
        step = STEPS.get(request.POST.get("what", ""))
        if step is None:
            raise Http404
        step(request, customer, ticket)
    context = dialog_of(customer, by=request.user, conversation=conversation)
    if request.method == "POST" and step is not send:
        return parts(request, context | {"done": True}, "_verify.html", "_verified.html")
    return render(request, "desk/_verify.html", context)


def send(request: AgentRequest, customer: Customer, ticket: Ticket | None) -> None:
    """A code goes to the address that was chosen."""
    points: Any = ContactPoint.objects.visible_to(request.user).filter(customer=customer)
    point = get_object_or_404(points, pk=number_in(request.POST.get("point", "")) or 0)
    if ticket:
        tickets.services.send_code_to_caller(ticket, point, by=request.user)
    else:
        customers.services.send_code(point, by=request.user)


def confirm(request: AgentRequest, customer: Customer, ticket: Ticket | None) -> None:
    """The code that was read out."""
    typed = checked(CodeForm(request.POST))["code"]
    where = tickets.services.conversation_of(ticket) if ticket else outside(request.user)
    sent = SentCode.objects.filter(customer=customer, conversation=where)
    code = get_object_or_404(sent, pk=number_in(request.POST.get("sent", "")) or 0)
    if ticket:
        tickets.services.confirm_caller(ticket, code, typed, by=request.user)
    else:
        customers.services.confirm_code(code, typed, by=request.user)


def answer(request: AgentRequest, customer: Customer, ticket: Ticket | None) -> None:
    """What the caller answered; whether it is right is never shown question by question."""
    said = {
        name.removeprefix(ANSWER): str(words)[:100]
        for name, words in request.POST.items()
        if name.startswith(ANSWER)
    }
    if ticket:
        tickets.services.question_caller(ticket, said, by=request.user)
    else:
        customers.services.answer(customer, said, by=request.user)


def judge(request: AgentRequest, customer: Customer, ticket: Ticket | None) -> None:
    """The agent is satisfied."""
    if ticket:
        tickets.services.judge_caller(ticket, by=request.user)
    else:
        customers.services.judge(customer, by=request.user)


STEPS: dict[str, Callable[[AgentRequest, Customer, Ticket | None], None]] = {
    "send": send,
    "confirm": confirm,
    "answer": answer,
    "judge": judge,
}


def _conversation(request: AgentRequest, customer: Customer) -> tuple[str, Ticket | None]:
    """The conversation that was named and its ticket, which is one of this customer; "" for outside of any."""
    named = (request.POST if request.method == "POST" else request.GET).get("conversation", "")
    kind, _colon, pk = named.partition(":")
    if kind != "ticket":
        return "", None
    mine: Any = Ticket.objects.visible_to(request.user).select_related("brand", "customer")
    ticket = get_object_or_404(mine, pk=number_in(pk) or 0, customer=customer)
    return tickets.services.conversation_of(ticket), ticket
