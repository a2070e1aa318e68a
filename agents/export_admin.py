"""Lists as files: what a supervisor sees in a list, with its search and filters, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV
from import_export.resources import ModelResource
from unfold.contrib.import_export.forms import ExportForm

from agents.brand_admin import LedgerAdmin, reader
from agents.models import Agent

ROWS_AT_MOST = 20_000
LOOKS_LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
EXPORTED = "exported"  # before what a line of the admin's log says of an export


class Sheet(ModelResource):
    """The columns of a file. Nothing in a cell is a formula to a spreadsheet; times are the reader's own."""

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> Any:
        value = field.get_value(instance)
        if isinstance(value, datetime):
            return timezone.localtime(value).isoformat(sep=" ", timespec="seconds")
        if isinstance(value, bool | int) or value is None:
            return "" if value is None else str(value)
        return as_letters(str(super().export_field(field, instance, **kwargs)))

    def get_export_headers(self, selected_fields: Any = None) -> list[str]:
        return [name.replace("__", " ") for name in super().get_export_headers(selected_fields)]

    def get_user_visible_fields(self) -> list[Any]:
        return list(self.get_export_fields())  # the page lists what the file will have


def as_letters(text: str) -> str:
    """`text` with an apostrophe before it where a spreadsheet would work it out: =1+1, +49…, @name."""
    return f"'{text}" if text.startswith(LOOKS_LIKE_A_FORMULA) else text


class ExportAdmin(ExportMixin, LedgerAdmin):
    """A list that can be taken out as a file of up to 20,000 rows; who took how many stands in the log."""

    export_form_class = ExportForm
    export_template_name = "admin/export.html"
    formats = export_formats = [CSV]
    sheet: type[Sheet]

    def get_export_resource_classes(self, request: HttpRequest) -> list[type[Sheet]]:
        return [self.sheet]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and reader(request).has_perm("agents.export")

    def get_valid_export_item_pks(self, request: HttpRequest) -> list[Any]:
        return []  # nobody ticks rows here; the library would list the keys of the whole table

    def get_export_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"rows_at_most": ROWS_AT_MOST}

    def _do_file_export(
        self, file_format: Any, request: HttpRequest, queryset: QuerySet[Any], export_form: Any = None
    ) -> HttpResponse:
        """The file, or a sentence when the list is longer than a file may be: a part would pass for all."""
        sheet = self.sheet()
        fields = sheet.get_export_fields()
        file, count = io.StringIO(), 0
        lines = csv.writer(file)
        lines.writerow(sheet.get_export_headers())
        for row in queryset[: ROWS_AT_MOST + 1].iterator(chunk_size=1000):
            count += 1
            lines.writerow([sheet.export_field(field, row) for field in fields])
        if count > ROWS_AT_MOST:
            sentence = _("A file holds up to %(most)d rows, and this list is longer. Narrow it first.")
            self.message_user(request, sentence % {"most": ROWS_AT_MOST}, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        self._log(request, count)
        name = self.get_export_filename(request, queryset, file_format)
        return HttpResponse(
            file.getvalue().encode("utf-8-sig"),  # spreadsheets take it for UTF-8 by its mark
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )

    def _log(self, request: HttpRequest, count: int) -> None:
        log_export(reader(request), self.model, str(self.opts.verbose_name_plural), count)


def file_of(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """`rows` as the CSV file `name`; no cell of letters is a formula to a spreadsheet."""
    file = io.StringIO()
    lines = csv.writer(file)
    lines.writerows([as_letters(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return HttpResponse(
        file.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


def log_export(by: Agent, model: type[Model], words: str, count: int) -> None:
    """Write down that `by` took a file of `count` rows out of the house: `words` name the list, never whose."""
    rows = ngettext("%d row", "%d rows", count) % count
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(model),
        object_repr=words[:200],
        action_flag=CHANGE,
        change_message=f"{EXPORTED}: {rows}",
    )
