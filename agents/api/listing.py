"""Lists by key, newest first: a page deep down costs what the first one does."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api.fields import BIGGEST_ID
from contactcenter import paging

PAGE, MOST = 50, 100  # rows of a page unless `limit` says otherwise, and at most


class IdField(forms.IntegerField):
    """An id as an address spells it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": BIGGEST_ID, **kwargs})


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": BIGGEST_ID})
class IdFilter(django_filters.NumberFilter):
    """Rows that belong to the row of this id; one the agent may not see has none."""

    field_class = IdField


class NewestFirst(BasePagination):
    """`limit` rows from the newest on; `next_cursor` leads further and is good for this list only."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        of, cursor = self.of(request), request.query_params.get("cursor", "")
        if cursor and paging.unpack(of, cursor) is None:
            raise _wrong("cursor", _("This list gave no such cursor."))
        self.page = self.turn(queryset, view, of=of, cursor=cursor, size=_limit(request))
        return list(self.page.rows)

    def of(self, request: Request) -> str:
        """The name of the list, which its cursors are good for."""
        return f"api:{request.path}"

    def turn(self, rows: Any, view: Any, **place: Any) -> paging.Page:
        """One page; the brands one by one, each of which an index holds in this order."""
        apart = [Q(brand=brand.pk) for brand in view.brands.values()]
        return paging.page_from_newest(rows, apart=apart, **place)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next_cursor": self.page.cursor or None})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next_cursor"],
            "properties": {
                "results": schema,
                "next_cursor": {
                    "type": "string",
                    "nullable": True,
                    "description": "For the next page; null on the last.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE}
        return [
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": "`next_cursor` of the page before.",
            },
            {"name": "limit", "in": "query", "schema": size, "description": "Rows of a page."},
        ]


class NewestWord(NewestFirst):
    """The messages of one ticket."""

    def turn(self, rows: Any, view: Any, **place: Any) -> paging.Page:
        return paging.page_from_last(rows, field="seq", **place)


def _limit(request: Request) -> int:
    asked = request.query_params.get("limit", str(PAGE))
    size = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 4 else 0
    if not 1 <= size <= MOST:
        raise _wrong("limit", _("A page has 1 to %d rows.") % MOST)
    return size


def _wrong(name: str, sentence: str) -> exceptions.ValidationError:
    return exceptions.ValidationError({name: [sentence]})
