"""The supervisors' pages on who works here. Nobody gives or touches more than they have: agents/reach.py."""

from __future__ import annotations

from typing import Any

import allauth.account.admin  # noqa: F401  registers what is taken off the site below
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from agents import reach, telling_admin, token_admin  # noqa: F401  their classes register themselves
from agents.brand_admin import OfBrandAdmin, OfBrandForm, OneOfMine, SharedAdmin, reader
from agents.models import Agent, Brand, Skill, Team
from agents.presence import admin as presence_admin  # noqa: F401

# Roles are code (agents/roles.py), and the addresses agents sign in with stand on the agent.
admin.site.unregister([Group, EmailAddress])


def sign_in(request: HttpRequest) -> HttpResponse:
    """The admin's door: visitors sign in where all do, who may not enter is told so."""
    if admin.site.has_permission(request):
        return HttpResponseRedirect(reverse("admin:index"))
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"), "account_login")


class BrandForm(OfBrandForm):
    """A brand; its currency is a code of three letters."""

    def clean_currency(self) -> str:
        code: str = self.cleaned_data["currency"].upper()
        if len(code) != 3 or not code.isascii() or not code.isalpha():
            raise forms.ValidationError(_("Three letters, as in EUR."))
        return code


@admin.register(Brand)
class BrandAdmin(OfBrandAdmin):
    form = BrandForm
    list_display = ["name", "code", "currency", "time_zone"]
    search_fields = ["name", "code"]
    fields = ["code", "name", "currency", "time_zone", "mail_name", "search_language"]
    # Ticket numbers and amounts out in the world carry the first two, the index of the search the third.
    fixed_fields = ["code", "currency", "search_language"]

    def save_model(self, request: HttpRequest, obj: Brand, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            obj.agents.add(
                reader(request)
            )  # who opens a brand serves it, else it would be gone from their sight


@admin.register(Team)
class TeamAdmin(OfBrandAdmin):
    list_display = ["name", "brand"]
    list_select_related = ["brand"]
    list_filter = [("brand", OneOfMine)]
    search_fields = ["name"]
    fields = ["brand", "name"]
    fixed_fields = ["brand"]


@admin.register(Skill)
class SkillAdmin(SharedAdmin):
    list_display = ["name", "code", "language"]
    search_fields = ["name", "code"]
    fields = ["name", "code", "language"]


class AgentForm(forms.ModelForm):
    """What both forms of an agent see to: one way to write an address, teams of brands that are served."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        served = cleaned.get("brands")
        if served is None and self.instance.pk:
            served = Brand.objects.filter(agents=self.instance)
        strange = [str(team) for team in cleaned.get("teams", ()) if team.brand not in (served or ())]
        if strange:
            self.add_error("teams", _("Of a brand that is not served: %s.") % ", ".join(strange))
        return cleaned


class AgentChangeForm(AgentForm, UserChangeForm):
    class Meta:
        model = Agent
        fields = ["email"]  # the page's fieldsets name the rest
        field_classes: dict[str, Any] = {}


class AgentAddForm(AgentForm, UserCreationForm):
    class Meta:
        model = Agent
        fields = ["email", "name"]
        field_classes: dict[str, Any] = {}


@admin.register(Agent)
class AgentAdmin(UserAdmin, OfBrandAdmin):
    form = AgentChangeForm
    add_form = AgentAddForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["name", "email", "roles", "served", "is_staff", "is_active"]
    list_filter = [("brands", OneOfMine), ("groups", admin.RelatedFieldListFilter), "is_staff", "is_active"]
    search_fields = ["name", "email"]
    ordering = ["name"]
    filter_horizontal = []
    autocomplete_fields = ["brands", "teams", "skills"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "password", "name"]}),
        (_("Place of work"), {"fields": ["brands", "teams", "skills", "time_zone", "language"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "groups"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "name", "password1", "password2"]}),
        (_("Place of work"), {"fields": ["brands", "teams", "time_zone"]}),
        (_("Rights"), {"fields": ["is_staff", "groups"]}),
    ]
    own_rights = ["brands", "is_active", "is_staff", "groups", "is_superuser"]  # nobody changes their own

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agent]:
        # Brands and teams are loaded as far as the reader may know of them, so that no page shows others.
        return super().get_queryset(request).prefetch_related(
            "groups",
            Prefetch("brands", Brand.objects.visible_to(reader(request))),
            Prefetch("teams", Team.objects.visible_to(reader(request))),
        )  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Agent | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj and reader(request).is_superuser:
            return [*fieldsets, (_("Owner of the installation"), {"fields": ["is_superuser"]})]
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        own = self.own_rights if obj == request.user else ()
        return [*super().get_readonly_fields(request, obj), *own]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "brands" in form.base_fields:  # whoever serves no brand is seen by the owner only
            form.base_fields["brands"].required = not reader(request).is_superuser
        return form

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["queryset"] = reach.roles_to_give(reader(request))
            kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
            kwargs["help_text"] = ""
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "language":
            return forms.ChoiceField(choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Agent | None = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or reach.reaches(reader(request), obj))

    def has_delete_permission(self, request: HttpRequest, obj: Agent | None = None) -> bool:
        return False  # who leaves is switched off: their name stands under what they did

    @admin.display(description=_("roles"))
    def roles(self, agent: Agent) -> str:
        return ", ".join(group.name for group in agent.groups.all())

    @admin.display(description=_("brands"))
    def served(self, agent: Agent) -> str:
        return ", ".join(brand.name for brand in agent.brands.all())
