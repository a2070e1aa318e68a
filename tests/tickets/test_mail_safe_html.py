"""HTML of strangers, made safe: what stays, what goes, how long it takes."""

from __future__ import annotations

import re
import time

import pytest

from tickets.channels.email.inline import content_ids
from tickets.channels.email.safe_html import LARGEST_SHOWN, names_of_pictures, safe_html

ACTS = re.compile(
    r"<\s*/?\s*(script|svg|math|iframe|object|embed|form|input|button|base|meta|link|style|template|noscript|video|audio|"
    r"source|frame|frameset|applet|html|head|body|textarea|xmp|plaintext|dialog|details)\b"
    r"|<[^>]*\s(on\w+|srcset|srcdoc|formaction|action|background|ping|href|poster|id|class|name|slot|is)\s*="
    r"|javascript:|vbscript:|url\(|@import|expression\(|<[^>]*\ssrc=\"(?!/shown/|data:image/)",
    re.IGNORECASE,
)

HOSTILE = {
    "script": "<script>alert(1)</script>kept",
    "script that is never closed": "kept<script>alert(1)",
    "script in capitals and blanks": "kept<SCRIPT\n src=//x.example/x.js></SCRIPT >",
    "svg onload": "kept<svg onload=alert(1)><script>alert(1)</script></svg>",
    "svg as a picture": "kept<img src=\"data:image/svg+xml;base64,PHN2Zy8+\">",
    "html as a picture": "kept<img src=\"data:text/html,<script>alert(1)</script>\">",
    "math": "kept<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img onerror=alert(1)&gt;\">",
    "onerror": "kept<img src=x onerror=alert(1)>",
    "onload without a blank": "kept<img/src=x/onload=alert(1)>",
    "meta refresh": "kept<meta http-equiv=refresh content='0;url=https://x.example'>",
    "base": "kept<base href=https://x.example/><img src=x.png>",
    "form": "kept<form action=https://x.example><input name=password><button>Sign in</button></form>",
    "formaction": "kept<button formaction=https://x.example>x</button>",
    "iframe": "kept<iframe src=https://x.example srcdoc='<script>alert(1)</script>'></iframe>",
    "object": "kept<object data=https://x.example/x.swf></object><embed src=x>",
    "style sheet": "kept<style>@import url(https://x.example/x.css); p { background: url(x) }</style>",
    "link to a style sheet": "kept<link rel=stylesheet href=https://x.example/x.css>",
    "url in a style": "<p style='background: url(https://x.example/x.gif)'>kept",
    "url in a style, spelt": "<p style='background: \\75 rl(https://x.example/x.gif)'>kept",
    "url in a style, commented": "<p style='background: u/**/rl(https://x.example/x.gif)'>kept",
    "image-set": "<p style='background: image-set(\"https://x.example/x.gif\" 1x)'>kept",
    "import in a style": "<p style='@import \"https://x.example\"; color: red'>kept",
    "expression": "<p style='width: expression(alert(1))'>kept",
    "behaviour": "<p style='behavior: url(x.htc); -moz-binding: url(x)'>kept",
    "position": "<p style='position: fixed; z-index: 9; color: red'>kept",
    "tracking pixel": "kept<img src=https://x.example/p.gif width=1 height=1>",
    "srcset": "kept<img srcset='https://x.example/p.gif 2x'>",
    "picture of the network": "kept<img src='\\\\x.example\\p.gif'><img src=//x.example/p.gif><img src=' https://x.example'>",
    "background of a table": "<table background=https://x.example/p.gif><tr><td>kept</table>",
    "javascript link": "<a href='javascript:alert(1)'>kept</a>",
    "javascript link, hidden": "<a href='&#106;ava&#10;script:alert(1)'>kept</a>",
    "ping": "<a href=https://x.example ping=https://x.example/ping>kept</a>",
    "clobbering": "<p id=conversation class=d-app name=x>kept",
    "video": "kept<video poster=https://x.example/p.gif src=x autoplay></video>",
    "comment": "kept<!--[if mso]><script>alert(1)</script><![endif]-->",
    "comment that never ends": "kept<!-- <p>",
    "noscript": "kept<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
    "template": "kept<template><script>alert(1)</script></template>",
    "textarea": "kept<textarea></textarea><script>alert(1)</script>",
    "xmp": "kept<xmp><p title='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "plaintext": "kept<plaintext><script>alert(1)</script>",
    "nul": "kept<scr\x00ipt>alert(1)</scr\x00ipt><img sr\x00c=x>",
    "cid that is a script": "kept<img src='cid:\"><script>alert(1)</script>'>",
    "custom element": "kept<x-evil onclick=alert(1)></x-evil>",
    "attribute that never ends": "kept<img alt=\"x",
    "href in the text": 'kept <a>x href="https://x.example"</a>',
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_acts_or_asks_elsewhere_stays_and_the_words_do(name: str) -> None:
    safe = safe_html(HOSTILE[name])
    assert safe is not None
    tags = "".join(re.findall(r"<[^>]*>", safe.html))
    assert not ACTS.search(tags), safe.html
    assert "kept" in safe.html


def test_control_the_table_is_hostile() -> None:
    tame = {name for name, source in HOSTILE.items() if not ACTS.search(source.replace("\x00", ""))}
    assert len(tame) < 16, tame


def test_shapes_and_colours_stay() -> None:
    source = (
        '<table width="600" bgcolor="#ffffff"><tr><td colspan="2" style="color: rgb(1, 2, 3); PADDING: 4px">'
        '<font color="red">Hi</font> <b>there</b></td></tr></table>'
    )
    safe = safe_html(source)
    assert safe is not None
    for kept in (
        'width="600"',
        'bgcolor="#ffffff"',
        'colspan="2"',
        "color:rgb(1, 2, 3)",
        "PADDING:4px",
        "<b>there</b>",
    ):
        assert kept in safe.html
    assert safe.left_out == 0


def test_a_link_shows_where_it_leads_and_leads_nowhere() -> None:
    safe = safe_html('<a style="color:red" href="https://shop.example/?a=1&amp;b=2">our shop</a>')
    assert safe is not None
    assert safe.html == '<a style="color:red" title="https://shop.example/?a=1&amp;b=2">our shop</a>'


def test_its_own_pictures_stay_and_those_from_elsewhere_are_counted() -> None:
    look = names_of_pictures({"A@b": "/shown/1/"})
    safe = safe_html(
        "<img src=cid:a%40B><img src=CID:A@b alt=x><img src=cid:c><img src=http://t.example/x.gif>", look
    )
    assert safe is not None
    assert safe.html.count('src="/shown/1/"') == 2
    assert "t.example" not in safe.html
    assert safe.left_out == 2
    inline = '<img src="data:image/png;base64,iVBORw0KGgo=">'
    assert (safe := safe_html(inline)) is not None
    assert safe.html == inline


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 100_000,
        "<b><p>" * 80_000,
        "<ul><li>" * 60_000,
        "<table><tr><td>" * 33_000,
        "<p>" * 160_000,
        "</p>" * 120_000,
        "<div " + " ".join(f"a{n}=1" for n in range(50_000)) + ">",
        "<p style='" + "color:red;" * 49_000 + "'>x",
        "<p style='background:" + "rgb(" * 120_000 + "'>x",
        "<" * 500_000,
        "&" * 500_000,
        "<a " * 160_000,
        "<!--" * 120_000,
    ],
    ids=lambda source: source[:12],
)
def test_the_longest_mails_take_seconds_at_most(source: str) -> None:
    begun = time.process_time()
    assert len(source) <= LARGEST_SHOWN  # else it is turned away unread
    safe_html(source)
    assert time.process_time() - begun < 5


def test_what_is_too_long_or_too_deep_is_not_laid_out() -> None:
    assert safe_html("<p>x</p>" * (10 * 2**20 // 8)) is None
    assert safe_html("<div>" * 5000 + "x") is None
    assert safe_html("<div>" * 50 + "x") is not None
    for empty in ("", " ", "<!-- -->", "\x00"):
        assert safe_html(empty) is not None


def test_the_parts_a_mail_names_are_found_by_their_digest() -> None:
    raw = (
        b"Content-Type: multipart/related; boundary=a\r\n\r\n--a\r\nContent-Type: text/html\r\n\r\n"
        b"<img src=cid:x@y>\r\n"
        b"--a\r\nContent-Type: image/png\r\nContent-ID: <x@y>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        b"AAAA\r\n--a--\r\n"
    )
    assert content_ids(raw) == {"x@y": "709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c"}
    assert content_ids(b"") == content_ids(b"\x00\xff" * 100) == {}
