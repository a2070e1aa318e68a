"""How what is written reads on a page: addresses as links, instants in words."""

from __future__ import annotations

from django.template.defaultfilters import urlize
from django.utils import timezone, translation
from hypothesis import example, given
from hypothesis import strategies as st

from desk.templatetags.desk import linked, stamp
from tests import make

WORDS = st.sampled_from(
    ["https://track.example/A-1?x=1&y=2", "HTTP://SHOP.EXAMPLE", "www.shop.example", "shop.com", "(shop.ORG/a)",
     "ana@shop.example", "mailto:ana@shop.example", "<b>", "\"'", "&amp;", "Monday.", "3:30", "javascript:alert(1)"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(WORDS, st.text(max_size=20), st.sampled_from([" ", "\n", "\r\n", "\u2028"]))).map(
    "".join
)


@given(TEXTS)
@example("httpſ://shop.example and shop.ınt")
def test_addresses_become_links_exactly_as_django_makes_them(text: str) -> None:
    assert linked(text) == urlize(text, autoescape=True)


def test_an_instant_is_told_in_the_readers_zone_and_language() -> None:
    at = make.instant("2026-03-29T00:30:00+00:00")
    with timezone.override("Europe/Berlin"):
        english = stamp(at, "end")
        with translation.override("de"):
            german = stamp(at)
    assert english == (
        '<time class="end" datetime="2026-03-29T01:30:00+01:00" title="29 March 2026 01:30">01:30</time>'
    )
    assert 'title="29. März 2026 01:30"' in german
    assert stamp(at, words="<b>").endswith(">&lt;b&gt;</time>")
