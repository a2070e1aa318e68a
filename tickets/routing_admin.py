"""The supervisors' pages on routing: what queues hand out and how, how much agents take, why who got what."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.brand_admin import OfBrandAdmin, OfBrandForm, OneOfMine
from agents.filter_admin import Days
from tickets.core_admin import OfTicketAdmin
from tickets.models import Capacity, RoutingDecision, RoutingPolicy

# What the codes of tickets/routing.py mean.
WORDS = {
    "sticky": gettext_lazy("had this customer last"),
    "team": gettext_lazy("is of the team"),
    "skills": gettext_lazy("has the skills"),
    "language": gettext_lazy("speaks the language"),
    "no_team": gettext_lazy("is not of the team, which was let go"),
    "no_skills": gettext_lazy("lacks skills, which were let go"),
    "no_language": gettext_lazy("does not speak the language, which was let go"),
    "only_one": gettext_lazy("alone fits so well"),
    "least_loaded": gettext_lazy("has the least to do"),
    "longest_idle": gettext_lazy("was free the longest"),
    "nobody_here": gettext_lazy("nobody is available"),
    "no_team_here": gettext_lazy("nobody of the team is available"),
    "no_skills_here": gettext_lazy("nobody available has the skills"),
    "no_language_here": gettext_lazy("nobody available speaks the language"),
    "all_full": gettext_lazy("all who fit are full"),
    "kept_for_last": gettext_lazy("waits for the agent who had this customer last"),
}
STEPS = [
    gettext_lazy("all is asked for"),
    gettext_lazy("waits for no last agent"),
    gettext_lazy("language let go"),
    gettext_lazy("skills let go"),
    gettext_lazy("team let go"),
    gettext_lazy("supervisors told"),
]


class RoutingPolicyForm(OfBrandForm):
    """A policy; its queue is of its brand."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        brand, queue = cleaned.get("brand"), cleaned.get("queue")
        if brand and queue and queue.brand_id != brand.pk:
            self.add_error("queue", _("This belongs to another brand than %s.") % brand)
        return cleaned


@admin.register(RoutingPolicy)
class RoutingPolicyAdmin(OfBrandAdmin):
    form = RoutingPolicyForm
    list_display = [
        "queue", "brand", "is_active", "by_language", "mail", "chat", "phone", "sticky_minutes", "widen_minutes",
    ]  # fmt: skip
    list_filter = [("brand", OneOfMine), "is_active"]
    list_select_related = ["brand", "queue"]
    search_fields = ["queue__name"]
    ordering = ["brand", "queue__name"]
    autocomplete_fields = ["skills"]
    fixed_fields = ["brand", "queue"]
    fieldsets = [
        (None, {"fields": ["brand", "queue", "is_active"]}),
        (gettext_lazy("Who fits"), {"fields": ["skills", "by_language"]}),
        (gettext_lazy("What fills an agent"), {"fields": ["mail", "chat", "sms", "phone", "social", "shop"]}),
        (
            gettext_lazy("Minutes"),
            {"fields": ["sticky_minutes", "widen_minutes", "floor_minutes", "return_minutes"]},
        ),
    ]


class CapacityForm(OfBrandForm):
    """A figure for an agent who serves the brand."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        brand, agent = cleaned.get("brand"), cleaned.get("agent")
        if brand and agent and not agent.brands.filter(pk=brand.pk).exists():
            self.add_error("agent", _("%s does not serve this brand.") % agent)
        return cleaned


@admin.register(Capacity)
class CapacityAdmin(OfBrandAdmin):
    form = CapacityForm
    list_display = ["agent", "brand", "channel", "tickets"]
    list_filter = [("brand", OneOfMine), "channel"]
    list_select_related = ["agent", "brand"]
    search_fields = ["agent__name", "agent__email"]
    autocomplete_fields = ["agent"]
    fixed_fields = ["brand", "agent", "channel"]


@admin.register(RoutingDecision)
class RoutingDecisionAdmin(OfTicketAdmin):
    """Why this ticket went to whom, and why it waits."""

    list_display = ["ticket", "agent", "at", "why", "widened", "considered"]
    list_filter = [("brand", OneOfMine), ("at", Days)]
    list_select_related = ["ticket__brand", "agent"]
    fields = ["brand", "ticket", "agent", "at", "why", "widened", "considered"]
    readonly_fields = ["why", "widened"]

    @admin.display(description=gettext_lazy("why"))
    def why(self, decision: RoutingDecision) -> str:
        return ", ".join(str(WORDS.get(code, code)) for code in decision.reasons)

    @admin.display(description=gettext_lazy("asked for"))
    def widened(self, decision: RoutingDecision) -> str:
        return str(STEPS[decision.step])
