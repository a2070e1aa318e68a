"""Statements to take along: as CSV for a spreadsheet, as PDF for the customer."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from agents.export_admin import ROWS_AT_MOST, as_letters, log_export
from agents.models import Agent
from agents.rights import expect_right
from contactcenter.errors import Refused
from loyalty.models import Entry
from loyalty.pdf_letters import BOLD, FONT, marked, register
from loyalty.statements import Statement

PDF_LINES_AT_MOST = 2_000  # beyond, a spreadsheet serves better


def file_of(statement: Statement, kind: str, *, by: Agent) -> tuple[bytes, dict[str, str]]:
    """The statement as `kind` (csv or pdf) and the headers it goes out with; who took it stands in the log.

    Refused: `not_allowed` without the right to export, `too_long`.
    """
    make, most, content = KINDS[kind]
    expect_right(by, "agents.export", statement.account.brand_id)
    if statement.count > most:
        sentence = ngettext(
            "A file holds up to %d line, and this one has more: choose fewer days.",
            "A file holds up to %d lines, and this one has more: choose fewer days.",
            most,
        )
        raise Refused("too_long", sentence % most)
    log_export(by, Entry, _("statement"), statement.count)
    name = f"{statement.account.number}-{statement.period.first}-{statement.period.last}.{kind}"
    return make(statement), {
        "Content-Type": content,
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def csv_of(statement: Statement) -> bytes:
    """Lines, balances and what ends when, for a spreadsheet; no cell is a formula to it."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(["line", "posted", "occurred", "kind", "contra", "source", "reason", "points", "balance"])
    rows.writerow(["", statement.period.first.isoformat(), "", "opening", "", "", "", "", statement.opening])
    zone = statement.account.programme.zone
    for line in statement.lines.iterator(chunk_size=1000):
        days = [at.astimezone(zone).date().isoformat() for at in (line.posted_at, line.occurred_at)]
        words = [as_letters(word) for word in (line.kind, line.contra, line.source, line.reason)]
        rows.writerow([line.seq, *days, *words, line.points, line.balance_after])
    rows.writerow(["", statement.period.last.isoformat(), "", "closing", "", "", "", "", statement.closing])
    for ending in statement.endings():
        day = ending.last_day.isoformat() if ending.last_day else ending.words
        rows.writerow(["", day, "", "expires", "", "", "", ending.points, ""])
    return file.getvalue().encode("utf-8-sig")  # spreadsheets take it for UTF-8 by its mark


def pdf_of(statement: Statement) -> bytes:
    """The same as a document of A4 pages."""
    register()
    file = io.BytesIO()
    account = statement.account
    document = SimpleDocTemplate(
        file, pagesize=A4, title=_("Statement of %s") % account.number, author=account.programme.name,
        leftMargin=18 * mm, rightMargin=18 * mm, topMargin=18 * mm, bottomMargin=18 * mm,
    )  # fmt: skip
    document.build(list(_parts(statement)))
    return file.getvalue()


def what(line: Entry) -> str:
    """A line in words for the customer: what it was, and its order."""
    kind, _colon, number = line.source.partition(":")
    if line.reverses_id and line.contra == Entry.Kind.EXPIRE:
        return _("Expired while you waited for us (%s), back again") % number
    words = str(line.get_kind_display()).capitalize()
    return f"{words}, {number}" if kind == "order" else words


def _parts(statement: Statement) -> Iterator[Flowable]:
    account, period = statement.account, statement.period
    title = ParagraphStyle("title", fontName=BOLD, fontSize=15, leading=20)
    text = ParagraphStyle("text", fontName=FONT, fontSize=9, leading=13)
    days = _("%(first)s to %(last)s") % {"first": _day(period.first), "last": _day(period.last)}
    yield Paragraph(marked(_("Statement of %s") % account.number, font=BOLD), title)
    yield Paragraph(marked(f"{account.customer} · {account.programme.name} · {days}"), text)
    yield Spacer(1, 6 * mm)
    yield _table(
        [
            [_("Posted"), _("What"), _("Points"), _("Balance")],
            ["", _("Opening balance"), "", _points(statement.opening)],
            *(
                [
                    _day(line.posted_at.astimezone(account.programme.zone).date()),
                    Paragraph(marked(what(line)), text),
                    f"{line.points:+,d}",
                    _points(line.balance_after),
                ]
                for line in statement.lines.iterator(chunk_size=1000)
            ),
            ["", _("Closing balance"), "", _points(statement.closing)],
        ],
        [30, 84, 28, 32],
    )
    if endings := statement.endings():
        yield Spacer(1, 6 * mm)
        yield Paragraph(
            marked(_("What expires when"), font=BOLD), ParagraphStyle("head", text, fontName=BOLD)
        )
        rows = [[_day(one.last_day) if one.last_day else one.words, _points(one.points)] for one in endings]
        yield _table([[_("Until"), _("Points")], *rows], [50, 32])


def _table(rows: Sequence[Sequence[object]], widths: list[int]) -> Table:
    table = Table(rows, colWidths=[width * mm for width in widths], repeatRows=1, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), FONT, 9),
                ("FONT", (0, 0), (-1, 0), BOLD, 9),
                ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.lightgrey),
                ("ALIGN", (-2 if len(widths) > 2 else -1, 0), (-1, -1), "RIGHT"),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _points(points: int) -> str:
    return number_format(points, use_l10n=True, force_grouping=True)


# What each kind of file is made by, how many lines it may have, and what a browser is told it is.
KINDS = {
    "csv": (csv_of, ROWS_AT_MOST, "text/csv; charset=utf-8"),
    "pdf": (pdf_of, PDF_LINES_AT_MOST, "application/pdf"),
}
