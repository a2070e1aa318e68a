"""The supervisors' pages by which an account is frozen, and its points move to another."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from agents.brand_admin import OfBrandAdmin, reader
from contactcenter import clock
from contactcenter.errors import Refused
from loyalty import services
from loyalty.frozen import FREEZE, UNFREEZE, frozen
from loyalty.models import Account
from loyalty.moving import Moved, what_moves

EVENTS_SHOWN = 10


class ReasonForm(forms.Form):
    """Why; what is done follows from how the account stands."""

    reason = forms.ChoiceField(label=gettext_lazy("Because"), widget=UnfoldAdminSelectWidget)
    turn = forms.CharField(
        widget=forms.HiddenInput
    )  # what the page offered: nobody unfreezes by a late click

    def __init__(self, *args: Any, reasons: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", _("Choose one")), *reasons.items()]  # type: ignore[attr-defined]


class Freezes(OfBrandAdmin):
    """The page of an account by which it is frozen and unfrozen."""

    @action(
        description=gettext_lazy("Freeze"),
        permissions=["view", "freeze"],
        url_path="freeze",
        icon="ac_unit",
    )
    def freeze(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say how the account stands, ask why, and turn it; a refusal is said above the form."""
        account = self.get_object(request, object_id)
        if account is None:
            raise Http404
        turn = "unfreeze" if account.status == Account.Status.FROZEN else "freeze"
        asked = request.POST.get("turn", turn)
        reasons = UNFREEZE if asked == "unfreeze" else FREEZE
        form = ReasonForm(request.POST or None, reasons=reasons, initial={"turn": turn})
        if form.is_valid() and self._turned(request, account, form):
            return HttpResponseRedirect(reverse("admin:loyalty_account_change", args=[account.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": account,
            "title": _("Unfreeze %s") % account if asked == "unfreeze" else _("Freeze %s") % account,
            "form": form,
            "turn": asked,
            "frozen": frozen(account),
            "events": [
                (event, (FREEZE if event.kind == "frozen" else UNFREEZE).get(event.reason, event.reason))
                for event in account.events.select_related("actor").order_by("-id")[:EVENTS_SHOWN]
            ],
        }
        return TemplateResponse(request, "admin/loyalty/account/freeze.html", context)

    def has_freeze_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("loyalty.freeze_account")

    def _turned(self, request: HttpRequest, account: Account, form: ReasonForm) -> bool:
        unfreezes = form.cleaned_data["turn"] == "unfreeze"
        deed = services.unfreeze if unfreezes else services.freeze
        try:
            deed(account, by=reader(request), reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            return False
        sentence = _("%s is active again.") if unfreezes else _("%s is frozen: no points move on it.")
        self.message_user(request, sentence % account, messages.SUCCESS)
        return True


class MoveForm(forms.Form):
    """Which points go to whom, and why; `seen` is what was looked at before."""

    REASONS = {
        "household": gettext_lazy("Both belong to one household"),
        "wrong_account": gettext_lazy("The points came to the wrong account"),
        "asked": gettext_lazy("The member gives them away"),
    }

    number = forms.CharField(
        label=gettext_lazy("To the account"),
        max_length=20,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Its number."),
    )
    points = forms.IntegerField(
        label=gettext_lazy("Points"),
        min_value=1,
        max_value=100_000_000,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[("", gettext_lazy("Choose one")), *REASONS.items()],
        widget=UnfoldAdminSelectWidget,
    )
    key = forms.UUIDField(widget=forms.HiddenInput)  # a form sent twice moves once
    seen = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, accounts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = accounts

    def clean_number(self) -> Account:
        number = self.cleaned_data["number"].strip().upper()
        found: Account | None = self.accounts.filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("This programme has no account of that number."))
        return found

    @property
    def asked(self) -> str:
        """What is asked for, in one word: it is to be looked at before it is done."""
        return f"{self.cleaned_data['number'].pk}:{self.cleaned_data['points']}"


class MovesPoints(OfBrandAdmin):
    """The page of an account from which points go to another."""

    @action(
        description=gettext_lazy("Move points"),
        permissions=["view", "move"],
        url_path="transfer",
        icon="swap_horiz",
    )
    def transfer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask whom to and how many, show what would move, and move it; a refusal is said above the form."""
        account = self.get_object(request, object_id)
        if account is None:
            raise Http404
        mine = Account.objects.visible_to(reader(request)).select_related("customer")
        accounts = mine.filter(programme=account.programme_id)
        form = MoveForm(request.POST or None, accounts=accounts, initial={"key": uuid.uuid4()})
        moved: list[Moved] = []
        if form.is_valid():
            if form.asked == form.cleaned_data["seen"] and self._is_moved(request, account, form):
                return HttpResponseRedirect(reverse("admin:loyalty_account_change", args=[account.pk]))
            moved = self._looked_at(account, form)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": account,
            "title": _("Move points of %s") % account,
            "form": form,
            "moved": moved,
            "to": form.cleaned_data["number"] if moved else None,
            "seen": form.asked if moved else "",
        }
        return TemplateResponse(request, "admin/loyalty/account/transfer.html", context)

    def has_move_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("loyalty.transfer_points")

    def _looked_at(self, account: Account, form: MoveForm) -> list[Moved]:
        if form.non_field_errors():
            return []
        try:
            services.expect_movable(account, form.cleaned_data["number"])
            return what_moves(account, form.cleaned_data["points"], at=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            return []

    def _is_moved(self, request: HttpRequest, account: Account, form: MoveForm) -> bool:
        asked = form.cleaned_data
        to, points, key = asked["number"], asked["points"], f"move:{asked['key']}"
        try:
            services.transfer(account, to, points, by=reader(request), key=key, reason=asked["reason"])
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            return False
        sentence = ngettext(
            "%(points)d point has gone to %(to)s.", "%(points)d points have gone to %(to)s.", points
        )
        self.message_user(request, sentence % {"points": points, "to": to}, messages.SUCCESS)
        return True
