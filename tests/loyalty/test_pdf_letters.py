"""The statement as PDF says every name, whatever letters it is written in."""

from __future__ import annotations

import base64
import re
import zlib
from datetime import date

import pytest
from reportlab.pdfbase import pdfmetrics

from loyalty.models import Account, Programme
from loyalty.pdf_letters import marked, register
from loyalty.statement_files import pdf_of
from loyalty.statements import Period, statement_of
from tests import make

JAPANESE = "HeiseiKakuGo-W5"


@pytest.mark.parametrize(
    ("name", "markup"),
    [
        ("Łukasz Čapek, Ğülşen", "Łukasz Čapek, Ğülşen"),
        ("田中 Aiko", f'<font name="{JAPANESE}">田中</font> Aiko'),
        ("Иван", f'<font name="{JAPANESE}">Иван</font>'),
        ("Καλλιόπη", f'<font name="{JAPANESE}">Καλλιοπη</font>'),
        ("김민준", '<font name="HYGothic-Medium">김민준</font>'),
        ("Erdős", "Erdos"),
        ("Zoe\u0308 <b>", "Zoë &lt;b&gt;"),
        ("\u16a0", "?"),
    ],
)
def test_each_part_of_a_name_is_in_a_font_that_has_it(name: str, markup: str) -> None:
    assert marked(name) == markup


def written(pdf: bytes) -> bytes:
    """What stands on the pages of a file, as it is drawn."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    pages = [stream.strip() for stream in streams if stream.strip().endswith(b"~>")]
    return b"".join(zlib.decompress(base64.a85decode(b"<~" + page, adobe=True)) for page in pages)


def drawn(words: str) -> bytes:
    """How words in a font of the standard are drawn: two bytes a letter, some of them as octal numbers."""
    register()
    return pdfmetrics.getFont(JAPANESE).formatForPdf(words).encode("latin-1")  # type: ignore[attr-defined]


def test_a_name_in_japanese_greek_or_cyrillic_letters_stands_in_the_file(programme: Programme) -> None:
    for name, letters in (("田中", "田中"), ("Καλλιόπη", "Καλλιοπη"), ("Иван", "Иван")):
        member = make.make_member(brand=programme.brand, name=name)
        account = Account.objects.select_related("programme", "customer").get(customer=member)
        pdf = pdf_of(statement_of(account, Period.of_month(date(2026, 5, 1), account.programme)))
        assert drawn(letters) in written(pdf)
        assert JAPANESE.encode() in pdf
