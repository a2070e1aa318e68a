"""All words can be translated, and German has all of them."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst

from callbacks.models import Callback
from contactcenter.table_names import NAMES
from tests import make
from tickets.models import Queue, Ticket

WORDS = Path(settings.BASE_DIR, "locale", "de", "LC_MESSAGES")
FILLED = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|</?\w+[^>]*>")
TEMPLATES = Path(settings.BASE_DIR, "templates")
# Pages and letters of customers are a file for each language; the demo's mailbox is no part of the desk.
WRITTEN_TWICE = ("pages", "notices", "demo")
AS_THEY_ARE = {"Loyalty Desk", "Esc", "CSV", "PDF", "OpenAPI", "maria@example.com", "tier:gold due:<2h"}


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (WORDS / "django.po").open("rb") as file:
        return read_po(file, locale="de")


def strings(message: Message) -> list[tuple[str, str]]:
    """What is said, and what is said in its place."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    return list(zip(message.id, message.string, strict=True))


def test_every_word_has_its_german(catalogue: Catalog) -> None:
    assert len(catalogue) > 3000
    lacking = [
        english for one in catalogue if one.id for english, german in strings(one) if not german.strip()
    ]
    assert lacking == []
    assert [one.id for one in catalogue if one.id and one.fuzzy] == []


def test_what_is_filled_in_stays_as_it_is(catalogue: Catalog) -> None:
    wrong = []
    for one in catalogue:
        for english, german in strings(one) if one.id else []:
            singular = not isinstance(one.id, str) and english == one.id[0]
            here, there = sorted(FILLED.findall(english)), sorted(FILLED.findall(german))
            if here != there and not (singular and set(there) <= set(FILLED.findall(one.id[1]))):
                wrong.append((english, german))
    assert wrong == []


def test_the_compiled_words_are_those_of_the_catalogue(catalogue: Catalog) -> None:
    with (WORDS / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for one in catalogue:
        if isinstance(one.id, str) and one.id:
            said = compiled.pgettext(one.context, one.id) if one.context else compiled.gettext(one.id)
            assert said == one.string
        elif one.id:
            assert [compiled.ngettext(*one.id, count) for count in (1, 2)] == list(one.string)


BLOCKS = re.compile(r"{%-?\s*(blocktranslate|comment)\b.*?{%-?\s*end\1\s*-?%}", re.S)
NAMED = re.compile(
    r"{% block (first|skip_to|frame|body_class|look|keys) %}.*?{% endblock[ \w]*%}", re.S
)  # of a pane or a class: for the page, not for people
TAGS = re.compile(r"{[{%#].*?[#%}]}", re.S)


class Bare(HTMLParser):
    """Collects words that stand in a template as they are: in text, and in attributes that people read or hear."""

    READ = ("title", "aria-label", "placeholder", "alt", "data-done", "data-words", "data-late")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        self.found += [value for name, value in attrs if name in self.READ and value]

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside not in ("script", "style", "code"):
            self.found.append(data)


def bare_words(text: str) -> Iterator[str]:
    for said in Bare(TAGS.sub("", NAMED.sub("", BLOCKS.sub("", text.replace("<{{ level }}", "<h1"))))).found:
        if re.search(r"[A-Za-z]{2,}", said) and said.strip() not in AS_THEY_ARE:
            yield " ".join(said.split())


def own_templates() -> list[Path]:
    paths = [
        path
        for path in TEMPLATES.rglob("*.html")
        if path.relative_to(TEMPLATES).parts[0] not in WRITTEN_TWICE
    ]
    return [
        path for path in sorted(paths) if path.name not in ("_sprite.html", "components.html")
    ]  # for developers


def test_no_template_says_a_word_that_cannot_be_translated() -> None:
    said = {str(path.relative_to(TEMPLATES)): list(bare_words(path.read_text())) for path in own_templates()}
    assert {name: words for name, words in said.items() if words} == {}


def test_a_planted_word_would_be_found() -> None:
    page = '<p title="Read me">{% translate "Open" %} Closed {{ here }}{% blocktranslate %}Is{% endblocktranslate %}'
    assert list(bare_words(page)) == ["Read me", "Closed"]


class Shown(HTMLParser):
    """The pieces of text of a page, as a reader sees them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.pieces: set[str] = set()
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.pieces.add(" ".join(data.split()))


@pytest.mark.django_db
def test_a_german_agent_reads_german(client: Client, catalogue: Catalog) -> None:
    ticket = make.make_ticket()
    agent = make.make_agent(brands=[ticket.brand], language="de")
    client.force_login(agent)
    english = {one.id for one in catalogue if isinstance(one.id, str) and one.id and one.id != one.string}
    places = [
        reverse("desk:ticket", args=[ticket.reference]),
        reverse("desk:home"),
        reverse("desk:callbacks"),
    ]
    for place in places:
        page = client.get(place).text
        assert '<html lang="de"' in page
        assert Shown(page).pieces & english == set(), place
    assert "Antworten" in client.get(places[0]).text


def test_tables_and_columns_have_their_german_and_no_other_names_are_kept() -> None:
    with (Path(settings.LOCALE_PATHS[1], "de", "LC_MESSAGES", "django.po")).open("rb") as file:
        tables = read_po(file, locale="de")
    assert {one.id for one in tables if one.id} == NAMES
    assert [one.id for one in tables if one.id and not one.string.strip()] == []
    with translation.override("de"):
        assert capfirst(str(Ticket._meta.verbose_name_plural)) == "Tickets"
        assert str(Queue._meta.verbose_name_plural) == "Warteschlangen"
        assert str(Callback._meta.get_field("window_from").verbose_name) != "window from"
