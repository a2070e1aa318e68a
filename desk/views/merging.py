"""Two customers who may be one person: compared, merged, told apart, and made two again."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import customers.services
from contactcenter.errors import Invalid
from customers.models import Customer, Duplicate, Merge
from customers.services import MERGE
from desk.access import AgentRequest, customer_or_404, desk_view
from desk.finding import find
from desk.forms import checked, fresh_key
from desk.merging import compared
from desk.person import person_of
from desk.person_forms import MergeForm, UndoForm
from desk.views.parts import go_to
from desk.views.queue import pane_for


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: AgentRequest, pk: int, other: int) -> HttpResponse:
    """Two customers side by side, or with POST the one they become; only who may merge is offered to."""
    pair = _pair(request, pk, other)
    if request.method == "POST":
        form = checked(MergeForm(request.POST))
        if form["kept"] not in (pk, other):
            raise Invalid("invalid", _("Choose who of the two stays."))
        kept, merged = sorted(pair, key=lambda one: one.pk != form["kept"])
        made = customers.services.merge(kept, merged, by=request.user, reason=form["reason"], key=form["key"])
        return go_to(request, reverse("desk:person", args=[made.kept_id]))
    found = Duplicate.objects.touching([pk]).touching([other]).first()
    context = {
        "pair": pair, "rows": compared(*pair), "why": found.words if found else "", "key": fresh_key(),
        "reasons": Merge.Reason.choices, "may_merge": request.user.has_perm(MERGE),
    }  # fmt: skip
    return _page(request, pair[0], main="desk/_merge.html", **context)


@desk_view
@require_safe
def twin(request: AgentRequest, pk: int) -> HttpResponse:
    """Who else of the brand ?q= means: the rows while one types, each the way to the comparison."""
    customer = customer_or_404(request, pk)
    search = find(request.user, request.GET.get("q", ""), brand=customer.brand_id)
    others = [found for found in search.rows if found.customer.pk != customer.pk]
    context: dict[str, Any] = {"search": search, "others": others}
    if request.htmx:
        return render(request, "desk/_others.html", context | {"customer": customer})
    return _page(request, customer, main="desk/_twin.html", **context)


@desk_view
@require_POST
def not_the_same(request: AgentRequest, pk: int, other: int) -> HttpResponse:
    """These two are two people: nobody is asked again."""
    customers.services.not_the_same(*_pair(request, pk, other), by=request.user)
    return go_to(request, reverse("desk:person", args=[pk]))


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: AgentRequest, pk: int) -> HttpResponse:
    """What came since a merge, to be decided, or with POST the two customers that they are again."""
    merges: Any = Merge.objects.visible_to(request.user).select_related("merged", "by")
    made = get_object_or_404(merges, pk=pk)
    if request.method == "POST":
        form = UndoForm(request.POST)
        key = checked(form)["key"]
        customers.services.unmerge(made, by=request.user, key=key, choices=form.choices())
        return go_to(request, reverse("desk:person", args=[made.merged_id]))
    items = [] if made.undone_at else customers.services.since(made)
    context = {"merge": made, "items": items, "key": fresh_key(), "may_merge": request.user.has_perm(MERGE)}
    kept = customer_or_404(request, made.kept_id)
    return _page(request, kept, main="desk/_unmerge.html", **context)


def _pair(request: AgentRequest, pk: int, other: int) -> list[Customer]:
    """Both customers; the same one twice is no pair."""
    pair = [customer_or_404(request, one) for one in (pk, other)]
    if pair[0].pk == pair[1].pk or pair[0].brand_id != pair[1].brand_id:
        raise Http404
    return pair


def _page(request: AgentRequest, customer: Customer, **context: Any) -> HttpResponse:
    return render(
        request, "desk/person.html", pane_for(request) | person_of(customer, by=request.user) | context
    )
