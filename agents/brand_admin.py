"""What every page of the supervisors' admin stands on: each reads only the rows of brands its reader serves."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db import IntegrityError, models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelect2Widget

from agents.filter_admin import Days
from agents.models import Agent
from agents.paging_admin import InfinitePaginator
from contactcenter.errors import Refused

# The order of the rooms in the side bar, with the sign that stands before each of their tables.
ROOMS = {
    "customers": "person",
    "loyalty": "loyalty",
    "tickets": "confirmation_number",
    "goodwill": "redeem",
    "callbacks": "phone_callback",
    "agents": "badge",
}


# What supervisors come for although they write none of it there; all else that they only read stands further down.
LOOKED_AT = (
    "customers.Customer", "customers.Order", "customers.Duplicate", "loyalty.Account", "loyalty.Entry",
    "loyalty.Adjustment", "loyalty.Redemption", "loyalty.Voucher", "tickets.Ticket", "tickets.ShopTask",
    "tickets.Survey", "goodwill.Request", "goodwill.IncidentGrant", "goodwill.Offer", "goodwill.PledgeRun",
    "goodwill.Finding", "callbacks.Callback", "agents.Agent",
)  # fmt: skip


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The tables as far as the reader may open them: room by room what they work with, then all other records."""
    apps = {app["app_label"]: app for app in admin.site.get_app_list(request)}
    groups: tuple[list[Any], list[Any]] = [], []
    for room in [name for name in ROOMS if name in apps]:
        tables = apps[room]["models"]
        first = [table for table in tables if _is_worked_with(room, table)]
        rest = [table for table in tables if table not in first]
        groups[0].append(_group(room, apps[room]["name"], first))
        groups[1].append(_group(room, _("%s: records") % apps[room]["name"], rest))
    return [group for part in groups for group in part if group["items"]]


def _is_worked_with(room: str, table: dict[str, Any]) -> bool:
    writes = table["perms"]["add"] or table["perms"]["change"]
    return writes or f"{room}.{table['object_name']}" in LOOKED_AT


def _group(room: str, title: str, tables: list[dict[str, Any]]) -> dict[str, Any]:
    items = [{"title": table["name"], "link": table["admin_url"], "icon": ROOMS[room]} for table in tables]
    return {"title": title, "items": items}


def time_zones() -> list[tuple[str, str]]:
    """Every zone this machine can tell the time of: another name would break each page that shows a time."""
    return [(name, name) for name in sorted(zoneinfo.available_timezones())]


def reader(request: HttpRequest) -> Agent:
    """Who asks; behind the admin's door it is always an agent."""
    return cast(Agent, request.user)


class OneOfMine(admin.RelatedFieldListFilter):
    """A filter by a related row that offers only rows its reader may know of, and finds nothing by others."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        rows = field.related_model._default_manager.visible_to(reader(request))
        return [(str(row.pk), str(row)) for row in rows]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any] | None:
        asked = set(self.lookup_val or ())
        if not asked <= {key for key, _name in self.lookup_choices}:
            return queryset.none()
        return super().queryset(request, queryset)


class OfBrandForm(forms.ModelForm):
    """A form whose constraints also count what is only shown: a name is unique within a brand that stays."""

    def _get_validation_exclusions(self) -> set[str]:
        # Else Django would not look, and the database would refuse what the form let pass. What is not known yet,
        # because the row it follows from was not chosen, has no field to say so at.
        known = {name for name in ("brand", "programme") if getattr(self.instance, f"{name}_id", None)}
        shown = known - self.fields.keys()
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - shown


class LookInline(TabularInline):
    """Rows shown on the page of the row they belong to."""

    extra = 0
    can_delete = False
    show_change_link = True
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).visible_to(reader(request))

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class OfBrandAdmin(ModelAdmin):
    """Rows of the brands its reader serves, and nothing of any other: list, page, choices, search and history."""

    form = OfBrandForm
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # a count for each choice of each filter walks the whole table
    list_per_page = 50
    warn_unsaved_form = True
    # What a row belongs to is chosen when it is made, and stays: other rows have been built upon it.
    fixed_fields: Sequence[str] = ()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).visible_to(reader(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(self.fixed_fields if obj else ())]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "time_zone":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = UnfoldAdminSelect2Widget()
        return forms.ChoiceField(
            choices=time_zones, widget=widget, help_text=db_field.help_text, initial=db_field.get_default()
        )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = self._choices(db_field, request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if "queryset" not in kwargs:
            kwargs["queryset"] = self._choices(db_field, request)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _choices(self, db_field: Any, request: HttpRequest) -> models.QuerySet[Any]:
        """What may be chosen is what the reader finds in the other table's own list; without one, what they may see."""
        if not self.admin_site.is_registered(db_field.related_model):
            return db_field.related_model._default_manager.visible_to(reader(request))
        return self.admin_site.get_model_admin(db_field.related_model).get_queryset(request)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Only what the filters offer: an address written by hand asks no other question."""
        offered: set[str] = set()
        for item in self.get_list_filter(request):
            if isinstance(item, str):
                offered |= {f"{item}__isnull", f"{item}__exact"}
            elif isinstance(item, tuple):
                name, kind = item
                days = issubclass(kind, Days)
                offered |= (
                    {f"{name}_from", f"{name}_to"} if days else {f"{name}__isnull", f"{name}__id__exact"}
                )
            else:
                offered.add(item.parameter_name)
        return lookup in offered

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:  # the form saw nothing wrong: somebody else was quicker
            sentence = _("Not saved: it contradicts what has been stored meanwhile. Please look again.")
        except Refused as refusal:
            sentence = refusal.sentence
        self.message_user(request, sentence, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def response_action(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> HttpResponse | None:
        try:
            return super().response_action(request, queryset)
        except Refused as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().history_view(request, object_id, extra_context)
        lines = list(getattr(response, "context_data", {}).get("action_list", ()))
        known = Agent.objects.visible_to(reader(request)).in_bulk({line.user_id for line in lines})
        for line in lines:
            line.user = known.get(line.user_id) or Agent(email=_("somebody else"))
        return response


class SharedAdmin(OfBrandAdmin):
    """Rows that are of no brand and that all share: skills, policies."""

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return self.model._default_manager.all()


class LedgerAdmin(OfBrandAdmin):
    """Rows that only services write: to be looked at, newest first, in tables that may be long."""

    paginator = InfinitePaginator
    ordering = ("-pk",)
    sortable_by = ()
    actions: Any = None

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False
