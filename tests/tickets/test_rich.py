"""What is written in the composer: marks that count, and everything that only looks like one."""

from __future__ import annotations

import time

import pytest
from lxml import html as lxml_html

from tickets import rich

LINK = '<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{1}</a>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a **b** c", "<p>a <strong>b</strong> c</p>"),
        ("(**x**)", "<p>(<strong>x</strong>)</p>"),
        ("one\ntwo\n\nthree", "<p>one<br>\ntwo</p><p>three</p>"),
        ("- a\n- b\n\nend", "<ul><li>a</li><li>b</li></ul><p>end</p>"),
        ("* a\n* b", "<ul><li>a</li><li>b</li></ul>"),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("So:\n1. first\n2. second", '<p>So:</p><ol><li value="1">first</li><li value="2">second</li></ol>'),
        ("5. May\n7. July", '<ol><li value="5">May</li><li value="7">July</li></ol>'),
        (
            "[here](https://a.example/c?d=1&e=2)",
            f"<p>{LINK.format('https://a.example/c?d=1&amp;e=2', 'here')}</p>",
        ),
        (
            "see https://a.example/_x_y.",
            f"<p>see {LINK.format('https://a.example/_x_y', 'https://a.example/_x_y')}.</p>",
        ),
        ("![dot](file:12)!", '<p><img src="/p/12" alt="dot">!</p>'),
        ("![gone](file:13)", "<p>[gone]</p>"),
    ],
)
def test_marks_are_shown_as_what_they_mean(text: str, html: str) -> None:
    assert rich.rendered(text, {12: "/p/12"}) == html
    assert rich.has_marks(text) or "\n\n" in text


@pytest.mark.parametrize(
    "text",
    [
        "2*3*4", "2**3**4 is 8", "a * b * c", "snake_case_name", "__init__ and _x_", "#4812", "# 4812",
        "1. in a sentence",
        "- 5 °C", "+49 30 1234567", "> not ours", "---", "*note: small print", "** not bold **", "100 **", "`code`",
        r"C:\*\_x", "&amp; &lt;", "<b>bold</b>", "[?balance]", "[x](javascript:alert(1))", "[x](//evil.example)",
        "[x](data:text/html;base64,PHN2Zz4=)", "[f](file:12)", "a[1](2)", "![p](ftp://x/y.png)", "5 < 6 > 4", "~~no~~",
        "| a | b |", "3) third", ":-)", "Dr. No. 7", "***", "foo__bar__baz",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_mark_stays_as_it_was_typed(text: str) -> None:
    shown = lxml_html.fromstring(f"<div>{rich.rendered(text, {12: '/p/12'})}</div>")
    assert shown.text_content() == text
    assert {tag.tag for tag in shown.iter()} == {"div", "p"}
    assert rich.plain(text) == text


HOSTILE = [
    "<script>alert(1)</script>", "**<img src=x onerror=alert(1)>**", '[a" onclick="x](https://a.example/" onclick="y)',
    "[x](https://a.example/'><script>)", '![" onerror="x](file:12)', "- <iframe>\n- [x](vbscript:x)", "https://a.example/\"><b>",
    "[a](mailto:x@y.example?subject=<b>)", "\x00<p>", "&#60;script&#62;", "[![x](file:12)](javascript:x)",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_tag_and_no_attribute_comes_out_but_those_written_here(text: str) -> None:
    shown = lxml_html.fromstring(f"<div>{rich.rendered(text, {12: '/p/12'})}</div>")
    for tag in shown.iter():
        assert tag.tag in rich.TAGS | {"div"}
        assert set(tag.attrib) <= {"href", "target", "rel", "src", "alt", "value"}
        assert tag.get("href", "https://").startswith(("https://", "http://", "mailto:"))
        assert tag.get("src", "/p/12") == "/p/12"


@pytest.mark.parametrize(
    "text", ["[" * 20_000, "**" * 20_000, "*a " * 20_000, "![[" * 10_000, "- a\n" * 20_000, "_" * 50_000]
)
def test_nothing_that_is_typed_takes_long(text: str) -> None:
    begun = time.perf_counter()
    rich.rendered(text)
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("We have **found** it.\n\nAnd:\n- one\n- two", "We have found it. And: one two"),
        ("see [the page](https://a.example) and ![a.png](file:1)", "see the page and [a.png]"),
        ("2 * 3 * 4, snake_case_word", "2 * 3 * 4, snake_case_word"),
        ("**half", "**half"),
        ("", ""),
    ],
)
def test_a_list_shows_the_words_in_a_line_without_their_marks(text: str, line: str) -> None:
    assert rich.in_a_line(text) == line


def test_plain_words_name_their_pictures_and_end_without_blanks() -> None:
    assert rich.plain("\nSee ![dot.png](file:12)  \n**so**\n\n") == "See [dot.png]\n**so**"
    assert rich.pictures_in("![a](file:1) ![b](file:22)") == [1, 22]
