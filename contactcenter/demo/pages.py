"""The customers' side of the demo, at /demo/customer/: read what was sent to one of them, and write as them.

There is nothing to sign in to: whoever opens the demo reads its passwords on the first page anyway. All of it is
made up, and it is only here where DEMO=true is set and the demo alone is in the database (`demo.is_alone`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from contactcenter import clock, demo
from contactcenter.demo import mailbox
from customers.models import Customer
from tickets.models import InboundMail, Ticket

View = Callable[..., HttpResponse]
SUBJECT, WORDS = 200, 20_000


class LetterForm(forms.Form):
    """A mail to be written: a new one has a subject and an address, an answer has both already."""

    sender = forms.ChoiceField(label=_("From"))
    to = forms.ChoiceField(label=pgettext_lazy("mail", "To"), required=False)
    subject = forms.CharField(label=_("Subject"), max_length=SUBJECT)
    text = forms.CharField(label=_("Your words"), max_length=WORDS, widget=forms.Textarea)
    key = forms.SlugField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, customer: Customer, answers: Ticket | None = None) -> None:
        super().__init__(data, initial={"key": f"demo-{uuid4().hex}"})
        choices: dict[str, list[tuple[str, str]]] = {
            "sender": [(address, address) for address in mailbox.addresses(customer)],
            "to": [
                (queue.address, f"{queue.name} <{queue.address}>") for queue in mailbox.queues(customer.brand)
            ],
        }
        for name, options in choices.items():
            self.fields[name].choices = options  # type: ignore[attr-defined]
        if answers is not None:
            del self.fields["to"], self.fields["subject"]


def demo_only(view: View) -> View:
    """404 unless this is a demo and nothing else."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO or settings.HTTPS or not demo.is_alone():
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(guarded)


@demo_only
@require_safe
def customers(request: HttpRequest) -> HttpResponse:
    """Whose mail to open: the showcase first, the others by name or address."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    found = mailbox.named(words) if words else mailbox.customers()
    context = {
        "words": words,
        "customers": found[: mailbox.AT_ONCE],
        "first": 0 if words else len(mailbox.SHOWCASE),
    }
    return render(request, "demo/customers.html", context)


@demo_only
@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: HttpRequest, pk: int, reference: str = "") -> HttpResponse:
    """A customer's mail with one conversation open; with POST an answer in it."""
    customer = get_object_or_404(mailbox.customers(), pk=pk)
    conversations = mailbox.conversations(customer)
    ticket = next((one for one in conversations if one.reference == reference), None)
    if reference and ticket is None:
        raise Http404
    ticket = ticket or next(iter(conversations), None)
    if ticket is None and request.method == "POST":
        raise Http404
    form = LetterForm(request.POST or None, customer=customer, answers=ticket) if ticket else None
    if form and request.method == "POST" and form.is_valid():
        return _sent(request, customer, form, answers=ticket)
    with timezone.override(clock.zone(customer.zone)):
        context = {
            "customer": customer,
            "addresses": mailbox.addresses(customer),
            "conversations": conversations,
            "notices": mailbox.notices(customer),
            "ticket": ticket,
            "letters": mailbox.letters(ticket) if ticket else [],
            "form": form,
            "chosen": bool(reference),
        }
        page = "demo/_letters.html" if request.htmx.target == "letters" else "demo/inbox.html"  # type: ignore[attr-defined]
        return render(request, page, context, status=422 if form and form.errors else 200)


@demo_only
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """A new mail of a customer."""
    customer = get_object_or_404(mailbox.customers(), pk=pk)
    form = LetterForm(request.POST or None, customer=customer)
    if request.method == "POST" and form.is_valid():
        return _sent(request, customer, form)
    context = {"customer": customer, "addresses": mailbox.addresses(customer), "form": form}
    return render(request, "demo/write.html", context, status=422 if form.errors else 200)


def _sent(
    request: HttpRequest, customer: Customer, form: LetterForm, answers: Ticket | None = None
) -> HttpResponse:
    """Hand the mail to the desk and show it where it has arrived, or say why it has not."""
    receipt = mailbox.write(customer, answers=answers, **form.cleaned_data)
    ticket = receipt.ticket
    if ticket is None:
        outcome = InboundMail.Outcome(receipt.stored.outcome).label
        context = {"customer": customer, "outcome": outcome, "reason": receipt.stored.reason}
        return render(request, "demo/not_taken.html", context, status=409)
    return redirect("demo:conversation", customer.pk, ticket.reference)
