"""Filters of the admin's lists beyond those of a column: by days, by a question of the table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, cast

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateFilter

from contactcenter import clock


class Days(RangeDateFilter):
    """From a day to a day, both included, as the reader's own calendar has them: `opened_at_from=2026-11-22`."""

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        try:
            return queryset.filter(**dict(self._limits()))
        except (ValueError, OverflowError):  # no day, or one at the end of time: no row is of it
            return queryset.none()

    def _limits(self) -> Iterator[tuple[str, Any]]:
        zone, asked = timezone.get_current_timezone(), self.used_parameters
        if text := asked.get(f"{self.parameter_name}_from"):
            yield f"{self.field_path}__gte", clock.day(date.fromisoformat(text), zone)[0]
        if text := asked.get(f"{self.parameter_name}_to"):
            yield f"{self.field_path}__lt", clock.day(date.fromisoformat(text), zone)[1]


class Asked(admin.SimpleListFilter):
    """A question that the table's query set answers: `answers` has a name, words and what it finds for each."""

    answers: dict[str, tuple[Any, Any]]

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [(name, words) for name, (words, _found) in self.answers.items()]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        if self.value() is None:
            return queryset
        _words, found = self.answers.get(str(self.value()), ("", models.QuerySet.none))
        return cast("models.QuerySet[Any]", found(queryset))
