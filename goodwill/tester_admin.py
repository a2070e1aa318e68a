"""The supervisors' page that answers: may this agent give so much to this customer now, and why not?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from agents.brand_admin import reader
from agents.models import Agent
from contactcenter import clock
from customers.contact import plain
from customers.models import ContactPoint
from goodwill.models import Reason
from goodwill.tester import Answer, foretell
from loyalty.models import Account
from tickets.models import Ticket


class TesterForm(forms.Form):
    """Who gives what to whom, and for what, among what its reader may see."""

    agent = forms.EmailField(label=gettext_lazy("Agent, by e-mail"), widget=UnfoldAdminTextInputWidget())
    to = forms.CharField(
        label=gettext_lazy("Ticket, or account number or e-mail of the customer"), max_length=320,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.ModelChoiceField(Reason.objects.none(), widget=UnfoldAdminSelectWidget())
    points = forms.IntegerField(
        min_value=1, max_value=10_000_000, widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"})
    )

    def __init__(self, *args: Any, by: Agent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        reasons = (
            Reason.objects.visible_to(by).select_related("brand").order_by("brand__name", "rank", "label")
        )
        self.fields["reason"].queryset = reasons  # type: ignore[attr-defined]
        self.fields["reason"].label_from_instance = lambda one: f"{one.brand.code}: {one.label}"  # type: ignore[attr-defined]

    def clean_agent(self) -> Agent:
        agent = Agent.objects.visible_to(self.by).filter(email__iexact=self.cleaned_data["agent"]).first()
        if agent is None:
            raise forms.ValidationError(_("There is no such agent."))
        return agent

    def clean_to(self) -> Ticket:
        """The ticket that is named, or the newest of the customer who is: goodwill is given on a ticket."""
        asked: str = self.cleaned_data["to"].strip()
        tickets = Ticket.objects.visible_to(self.by).select_related("brand", "customer__brand", "merged_into")
        ticket: Ticket | None = tickets.referred_to_by(asked).first()
        if ticket is None:
            named = ContactPoint.objects.visible_to(self.by).filter(
                kind=ContactPoint.Kind.MAIL, value=plain(asked)
            )
            members = Account.objects.visible_to(self.by).filter(number=asked.upper())
            of_them = tickets.filter(
                Q(customer__in=named.values("customer")) | Q(customer__in=members.values("customer")),
                merged_into=None,
            )
            ticket = of_them.order_by("-opened_at", "-pk").first()
        if ticket is None:
            raise forms.ValidationError(_("There is no such ticket, and no customer with a ticket."))
        return ticket


class TesterAdmin(ModelAdmin):
    """The list of policies leads to what would become of a grant."""

    @action(description=gettext_lazy("Try out"), permissions=["view"], url_path="try", icon="quiz")
    def try_out(self, request: HttpRequest) -> HttpResponse:
        """Show the limits, the budget and what would become of it; nothing is written."""
        form = TesterForm(request.GET if "points" in request.GET else None, by=reader(request))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("May this agent give so much now?"),
            "form": form,
        }
        if form.is_bound and form.is_valid():
            context |= _answered(form.cleaned_data)
        return TemplateResponse(request, "admin/goodwill/policy/try.html", context)


def _answered(asked: dict[str, Any]) -> dict[str, Any]:
    agent, ticket, points = asked["agent"], asked["to"], asked["points"]
    answer = foretell(agent, ticket, points, reason=asked["reason"], at=clock.now())
    budget = answer.budget
    return {
        "answer": answer,
        "agent": agent,
        "ticket": ticket,
        "points": points,
        "says": _says(answer) % {"agent": agent, "points": points, "customer": ticket.customer},
        "budget_after": budget.left - points if budget else None,
    }


def _says(answer: Answer) -> str:
    if answer.outcome == "given":
        return _("Yes: %(agent)s may give %(points)d points to %(customer)s now.")
    if answer.outcome == "refused":
        return _("No: %(agent)s may not give %(points)d points to %(customer)s.")
    if answer.needs_two:
        return _(
            "Not alone: two people have to agree that %(agent)s gives %(points)d points to %(customer)s."
        )
    return _("Not alone: somebody has to agree that %(agent)s gives %(points)d points to %(customer)s.")
