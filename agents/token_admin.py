"""The supervisors' pages on keys to the API: made here, told once, revoked; and what the API keeps of its answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminIntegerFieldWidget

from agents import reach, services
from agents.brand_admin import LedgerAdmin, OfBrandAdmin, OfBrandForm, OneOfMine, reader
from agents.models import Answer, Token
from agents.scopes import SCOPES


class TokenForm(OfBrandForm):
    """A new token: for whom, what for, how far and how long."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope, f"{scope}: {what}") for scope, what in SCOPES.items()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=services.LONGEST_DAYS,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Empty: until it is revoked."),
    )


@admin.register(Token)
class TokenAdmin(OfBrandAdmin):
    form = TokenForm
    list_display = [
        "name",
        "user",
        "begins",
        "opens",
        "created",
        "issued_by",
        "last_used_at",
        "expiry",
        "revoked_at",
        "revoked_by",
    ]
    list_select_related = ["user", "issued_by", "revoked_by"]
    list_filter = [("user__brands", OneOfMine)]
    search_fields = ["name", "token_key__startswith"]
    search_help_text = _("The name, or how the token begins.")
    ordering = ["-id"]
    actions = ["revoke"]
    autocomplete_fields = ["user"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        made = ["begins", "created", "issued_by", "last_used_at", "expiry", "revoked_at", "revoked_by"]
        return ["user", "name", "opens", *made] if obj else ["user", "name", "scopes", "days"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or reach.reaches(reader(request), obj.user))

    def has_delete_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        return False  # a token that is over stays to be seen

    def save_model(self, request: HttpRequest, obj: Token, form: Any, change: bool) -> None:
        if change:
            return  # there is nothing to change on it
        token, secret = services.issue_token(
            obj.user,
            name=obj.name,
            scopes=form.cleaned_data["scopes"],
            days=form.cleaned_data["days"],
            by=reader(request),
        )
        obj.pk = token.pk
        obj.refresh_from_db()
        obj.secret = secret  # on this row in memory only, for the answer

    def response_add(
        self, request: HttpRequest, obj: Token, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The secret stands in the answer itself: a message would lie in a cookie or in the session."""
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": obj, "token": obj}
        return TemplateResponse(request, "admin/agents/token/issued.html", context)

    @admin.action(description=_("Revoke, for good"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Token]) -> None:
        with transaction.atomic():  # all that were chosen, or none
            for token in queryset.select_related("user"):
                services.revoke_token(token, by=reader(request))

    @admin.display(description=_("begins"))
    def begins(self, token: Token) -> str:
        return f"{token.token_key[:6]}…"

    @admin.display(description=_("scopes"))
    def opens(self, token: Token) -> str:
        return ", ".join(token.scopes)


@admin.register(Answer)
class AnswerAdmin(LedgerAdmin):
    """That a request was answered and how; not the words, which may be about a customer."""

    list_display = ["method", "path", "status", "agent", "brand", "created_at"]
    list_select_related = ["agent", "brand"]
    list_filter = [("brand", OneOfMine)]
    search_fields = ["key"]
    search_help_text = _("The Idempotency-Key.")
    exclude = ["body"]
