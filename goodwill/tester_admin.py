"""The supervisors' page that answers: may this agent give so much to this customer now, and why not?"""

from __future__ import annotations

from collections.abc import Iterator
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
from agents.models import Agent, Brand
from contactcenter import clock
from customers.contact import plain
from customers.models import ContactPoint, Order
from goodwill.models import Reason
from goodwill.services.posting import Gift, worth_of
from goodwill.tester import Answer, foretell
from loyalty.models import Account, Benefit, Reward
from tickets.models import Ticket

GIFTS = 200  # vouchers to choose from, and benefits


class TesterForm(forms.Form):
    """Who gives what to whom, and for what, among what its reader may see."""

    agent = forms.EmailField(label=gettext_lazy("Agent, by e-mail"), widget=UnfoldAdminTextInputWidget())
    to = forms.CharField(
        label=gettext_lazy("Ticket, or account number or e-mail of the customer"), max_length=320,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.ModelChoiceField(Reason.objects.none(), widget=UnfoldAdminSelectWidget())
    points = forms.IntegerField(
        min_value=1, max_value=10_000_000, required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    gift = forms.ChoiceField(
        label=gettext_lazy("Instead of points"), required=False, widget=UnfoldAdminSelectWidget()
    )
    order = forms.CharField(
        label=gettext_lazy("Order it is about, by number"), max_length=64, required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, by: Agent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        reasons = (
            Reason.objects.visible_to(by).select_related("brand").order_by("brand__name", "rank", "label")
        )
        self.fields["reason"].queryset = reasons  # type: ignore[attr-defined]
        self.fields["reason"].label_from_instance = lambda one: f"{one.brand.code}: {one.label}"  # type: ignore[attr-defined]
        self.gifts = {f"{kind}-{gift.pk}": gift for kind, gift in _gifts(by)}
        named = [(key, f"{gift.programme.brand.code}: {gift}") for key, gift in self.gifts.items()]
        self.fields["gift"].choices = [("", "–"), *named]  # type: ignore[attr-defined]

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

    def clean(self) -> dict[str, Any]:
        """With what is given: the `gift`, or None, and the points or what it is worth; the order of its brand."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        gift, ticket = self.gifts.get(cleaned.get("gift", "")), cleaned.get("to")
        cleaned["gift"] = gift
        if gift is None:
            if "points" not in self.errors and not cleaned.get("points"):
                self.add_error("points", _("Say how many points, or what is given instead."))
        elif ticket is not None and gift.programme.brand_id != ticket.brand_id:
            self.add_error("gift", _("This is of another brand than the ticket."))
        if number := cleaned.get("order"):
            cleaned["order"] = self._order(number.strip(), ticket)
        else:
            cleaned["order"] = None
        return cleaned

    def _order(self, number: str, ticket: Ticket | None) -> Order | None:
        rows = Order.objects.visible_to(self.by).filter(number=number)
        order: Order | None = rows.filter(brand=ticket.brand_id).first() if ticket else None
        if ticket is not None and order is None:
            self.add_error("order", _("There is no such order."))
        return order


def _gifts(by: Agent) -> Iterator[tuple[str, Gift]]:
    """The vouchers and benefits of the brands of `by` that are given as goodwill, the first of each; two questions."""
    brands = Brand.objects.visible_to(by)
    vouchers = Reward.objects.filter(brand__in=brands, kind=Reward.Kind.VOUCHER, is_active=True)
    benefits = Benefit.objects.filter(programme__brand__in=brands, is_active=True, gift_points__isnull=False)
    for kind, rows in (("reward", vouchers), ("benefit", benefits)):
        for gift in rows.select_related("programme__brand").order_by("programme__brand__name", "name")[
            :GIFTS
        ]:
            yield kind, gift


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
    agent, ticket, gift, at = asked["agent"], asked["to"], asked["gift"], clock.now()
    points = worth_of(gift) if gift else asked["points"]
    about = {"reason": asked["reason"], "order": asked["order"], "gift": gift}
    answer = foretell(agent, ticket, points, at=at, **about)
    budget = answer.budget
    what = _("%d points") % points
    if gift:
        what = _("%(gift)s, worth %(points)s,") % {"gift": gift, "points": what}
    return {
        "answer": answer,
        "agent": agent,
        "ticket": ticket,
        "points": points,
        "says": _says(answer) % {"agent": agent, "what": what, "customer": ticket.customer},
        "budget_after": budget.left - points if budget else None,
    }


def _says(answer: Answer) -> str:
    if answer.outcome == "given":
        return _("Yes: %(agent)s may give %(what)s to %(customer)s now.")
    if answer.outcome == "refused":
        return _("No: %(agent)s may not give %(what)s to %(customer)s.")
    if answer.needs_two:
        return _("Not alone: two people have to agree that %(agent)s gives %(what)s to %(customer)s.")
    return _("Not alone: somebody has to agree that %(agent)s gives %(what)s to %(customer)s.")
