"""The supervisors' pages on what was taken for points: rewards to be sent, vouchers to take in, holds to let go."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from agents.brand_admin import LedgerAdmin, OneOfMine, reader
from agents.filter_admin import Asked, Days
from contactcenter import clock
from contactcenter.errors import Refused
from loyalty import services
from loyalty.models import Hold, Redemption, Voucher


def _holder(redemption: Redemption) -> str:
    """Whose it is, for a sentence."""
    return str(redemption.account or _("somebody who is no member"))


class Sending(Asked):
    """What goes out by hand: what waits to be sent, and what has left."""

    title = gettext_lazy("Sent by hand")
    parameter_name = "sending"
    answers = {
        "to_send": (gettext_lazy("to be sent"), lambda rows: rows.to_send()),
        "sent": (gettext_lazy("sent"), lambda rows: rows.filter(shipped_at__isnull=False)),
    }


@admin.register(Redemption)
class RedemptionAdmin(LedgerAdmin):
    list_display = ["account", "reward", "points", "state", "by", "asked_at", "shipped_at", "shipped_by"]
    list_filter = [("brand", OneOfMine), "state", Sending, ("asked_at", Days)]
    list_select_related = ["account", "reward", "by", "shipped_by"]
    search_fields = ["account__number__exact"]
    search_help_text = gettext_lazy("The account’s number.")
    actions = ["mark_sent"]  # of the tables that only services write the one with a deed
    actions_detail = ["deal"]

    @admin.action(description=gettext_lazy("Mark as sent"), permissions=["deal"])
    def mark_sent(self, request: HttpRequest, queryset: QuerySet[Redemption]) -> None:
        """Mark all that were chosen; what is not to be sent is named with the reason."""
        marked = 0
        for redemption in queryset.filter(shipped_at=None).select_related("account", "reward"):
            try:
                services.mark_shipped(redemption, by=reader(request), key=uuid.uuid4().hex)
                marked += 1
            except Refused as refusal:
                self.message_user(request, f"{_holder(redemption)}: {refusal.sentence}", messages.ERROR)
        if marked:
            words = ngettext("%d reward is marked as sent.", "%d rewards are marked as sent.", marked)
            self.message_user(request, words % marked, messages.SUCCESS)

    @action(
        description=gettext_lazy("Send, undo"), permissions=["view", "deal"], url_path="deal", icon="redeem"
    )
    def deal(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say how a reward stands, and do what can be done with it; a refusal is said as a message."""
        redemption = self.get_object(request, object_id)
        if redemption is None:
            raise Http404
        if request.method == "POST":
            self._dealt(request, redemption)
            return HttpResponseRedirect(reverse("admin:loyalty_redemption_deal", args=[redemption.pk]))
        voucher = Voucher.objects.filter(redemption=redemption).first()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": redemption,
            "title": _("%(reward)s for %(account)s")
            % {"reward": redemption.reward, "account": _holder(redemption)},
            "key": uuid.uuid4().hex,
            "voucher": voucher and voucher.state_at(clock.now()).label,
            "is_used": bool(voucher and voucher.used_at),
        }
        return TemplateResponse(request, "admin/loyalty/redemption/deal.html", context)

    def has_deal_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("loyalty.redeem_points")

    def _dealt(self, request: HttpRequest, redemption: Redemption) -> None:
        by, decision = reader(request), request.POST.get("decision")
        try:
            if decision == "sent":
                key = request.POST.get("key", "")[:64] or uuid.uuid4().hex
                services.mark_shipped(redemption, by=by, key=key)
                sentence = _("Marked as sent; a letter says so in ten minutes.")
            elif decision == "not_sent":
                services.unmark_shipped(redemption, by=by)
                sentence = _("It is to be sent again; nobody was told.")
            elif decision == "withdraw":
                services.withdraw(redemption, by=by)
                sentence = _("It waits for no code any more; the points are free.")
            elif decision == "undo":
                services.undo_redemption(redemption, by=by)
                sentence = _("Undone; the points are back.")
            else:
                return
        except Refused as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
        else:
            self.message_user(request, sentence, messages.SUCCESS)


class CodeForm(forms.Form):
    """The code of a voucher, however it is written."""

    code = forms.CharField(
        label=gettext_lazy("The voucher’s code"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)  # a form sent twice uses it once


@admin.register(Voucher)
class VoucherAdmin(LedgerAdmin):
    """The codes themselves are money: they are read on the desk, where the customer is, and not in lists."""

    exclude = ["code"]
    list_display = ["__str__", "redemption", "valid_until", "used_at", "used_by", "cancelled_at"]
    list_filter = [("redemption__brand", OneOfMine), ("valid_until", Days)]
    list_select_related = ["redemption", "used_by"]
    search_fields = ["redemption__account__number__exact"]
    search_help_text = gettext_lazy("The account’s number.")
    actions_list = ["take_in"]

    @action(
        description=gettext_lazy("Take in a voucher"),
        permissions=["take_in"],
        url_path="take-in",
        icon="point_of_sale",
    )
    def take_in(self, request: HttpRequest) -> HttpResponse:
        """Ask for the code that the customer brought, and use it up; a refusal is said above the form."""
        form = CodeForm(request.POST or None, initial={"key": uuid.uuid4()})
        if form.is_valid() and self._is_taken_in(request, form):
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Take in a voucher"),
            "form": form,
        }
        return TemplateResponse(request, "admin/loyalty/voucher/take_in.html", context)

    def has_take_in_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("loyalty.use_voucher") and self.has_view_permission(request)

    def _is_taken_in(self, request: HttpRequest, form: CodeForm) -> bool:
        key = f"admin:{form.cleaned_data['key']}"
        try:
            voucher = services.use_voucher(form.cleaned_data["code"], by=reader(request), key=key)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            return False
        redemption = voucher.redemption
        figures = {"reward": redemption.reward, "account": _holder(redemption)}
        words = _("Taken in: %(reward)s, of %(account)s. The voucher is used now.")
        self.message_user(request, words % figures, messages.SUCCESS)
        return True


@admin.register(Hold)
class HoldAdmin(LedgerAdmin):
    list_display = ["account", "points", "state", "source", "made_at", "expires_at", "ended_at"]
    list_filter = [("account__brand", OneOfMine), "state", ("expires_at", Days)]
    list_select_related = ["account"]
    search_fields = ["account__number__exact"]
    search_help_text = gettext_lazy("The account’s number.")
    actions_detail = ["let_go"]

    @action(
        description=gettext_lazy("Let go"),
        permissions=["view", "let_go"],
        url_path="release",
        icon="lock_open",
    )
    def let_go(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say what is held, and free it, with the reward that waits for it; a refusal is said as a message."""
        hold = self.get_object(request, object_id)
        if hold is None:
            raise Http404
        back = reverse("admin:loyalty_hold_change", args=[hold.pk])
        if request.method == "POST":
            try:
                services.let_go(hold, by=reader(request))
                self.message_user(request, _("The points are free again."), messages.SUCCESS)
            except Refused as refusal:
                self.message_user(request, refusal.sentence, messages.ERROR)
            return HttpResponseRedirect(back)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": hold,
            "title": _("Let go what is held on %s") % hold.account,
            "waiting": Redemption.objects.filter(hold=hold, state="waiting").select_related("reward").first(),
            "back": back,
        }
        return TemplateResponse(request, "admin/loyalty/hold/release.html", context)

    def has_let_go_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("loyalty.redeem_points")
