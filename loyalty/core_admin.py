"""The supervisors' pages on corrections that wait for a second person, and what was done to accounts."""

from __future__ import annotations

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from agents.brand_admin import LedgerAdmin, OneOfMine, reader
from agents.filter_admin import Days
from contactcenter.errors import Refused
from loyalty import services
from loyalty.models import AccountEvent, Adjustment


@admin.register(Adjustment)
class AdjustmentAdmin(LedgerAdmin):
    list_display = ["account", "points", "reason", "state", "requester", "asked_at", "approver", "decided_at"]
    list_filter = [("account__brand", OneOfMine), "state", ("asked_at", Days)]
    list_select_related = ["account", "requester", "approver"]
    search_fields = ["account__number__exact"]
    search_help_text = gettext_lazy("The account’s number.")
    actions_detail = ["decide"]

    @action(
        description=gettext_lazy("Decide"), permissions=["view", "decide"], url_path="decide", icon="gavel"
    )
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what somebody asked for, and post it or decline it; a refusal is said as a message."""
        asked = self.get_object(request, object_id)
        if asked is None:
            raise Http404
        if request.method == "POST":
            self._decided(request, asked)
            return HttpResponseRedirect(reverse("admin:loyalty_adjustment_change", args=[asked.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": asked,
            "title": _("Decide a correction of %s") % asked.account,
        }
        return TemplateResponse(request, "admin/loyalty/adjustment/decide.html", context)

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("loyalty.adjust_points")

    def _decided(self, request: HttpRequest, asked: Adjustment) -> None:
        by = reader(request)
        try:
            if request.POST.get("decision") == "approve":
                entry = services.approve_adjustment(asked, by=by)
                sentence = _("%(points)+d points; the balance is now %(balance)d.")
                sentence %= {"points": entry.points, "balance": entry.balance_after}
            else:
                services.decline_adjustment(asked, by=by)
                sentence = _("Declined; no points have moved.")
        except Refused as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
        else:
            self.message_user(request, sentence, messages.SUCCESS)


@admin.register(AccountEvent)
class AccountEventAdmin(LedgerAdmin):
    list_display = ["account", "kind", "reason", "actor", "at"]
    list_filter = [("brand", OneOfMine), "kind", ("at", Days)]
    list_select_related = ["account", "actor"]
    search_fields = ["account__number__exact"]
    search_help_text = gettext_lazy("The account’s number.")
