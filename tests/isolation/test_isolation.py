"""Every address of the house, as everybody: who is let in, and that nobody learns or changes what is not theirs.

A new address fails the first test until addresses.txt has a line for it:
`address  rows|–  visitor agent supervisor administrator integration | agent supervisor administrator of another brand`,
each answer as `GET/POST`. `rows` says that its own people read something of the brand there.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from django.contrib import admin
from django.db.models import ForeignKey, ManyToManyField
from django.test import override_settings
from django.urls import reverse
from django.utils.html import escape
from pytest_django import DjangoDbBlocker

import tickets.services.working
from agents.models import OfBrandQuerySet
from tests import databases
from tests.contactcenter.rooms import our_models
from tests.isolation.walk import REFUSED, TELLS, ask, lines, route_of, routes, walk
from tests.isolation.world import STRANGERS, WHO, World, settle

READERS = ("other supervisor", "other administrator")


@pytest.fixture(scope="module")
def settled(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, Path]]:
    """The world and the folder of its files, built once."""
    files = tmp_path_factory.mktemp("files")
    with databases.kept(django_db_blocker) as build:
        with override_settings(MEDIA_ROOT=files):
            world = build(settle)
        for (
            line
        ) in lines():  # before a control lets a table forget whose rows are whose: they would lead elsewhere
            build(world.path, line.address)
        yield world, files


@pytest.fixture
def world(settled: tuple[World, Path], db: None, settings: Any, tmp_path: Path) -> World:
    """The world as it was settled, whatever another test did in it."""
    world, files = settled
    settings.MEDIA_ROOT = shutil.copytree(files, tmp_path / "files")
    return replace(world, customer=deepcopy(world.customer), ticket=deepcopy(world.ticket))


def test_every_address_of_the_house_is_written_down_once(world: World) -> None:
    written = [route_of(world, line) for line in lines()]
    assert set(routes()) - set(written) == set()
    assert sorted(written) == sorted(set(written))


@pytest.mark.parametrize("who", WHO)
def test_everybody_is_answered_as_written_down_and_nothing_is_told_or_changed_that_may_not_be(
    world: World, who: str
) -> None:
    assert walk(world, who, lines()) == []


def test_where_the_table_says_so_its_own_people_read_rows_of_the_brand(world: World) -> None:
    """Else a walk over empty pages would prove nothing."""
    told = {}
    for line in lines():
        if seen := [
            who for who in ("agent", "supervisor", "administrator") if line.expected[who][0] == "200"
        ]:
            told[line.address] = bool(
                TELLS.search(ask(world, seen[-1], "get", world.path(line.address)).text)
            )
    assert {address for address, tells in told.items() if tells} == {
        line.address for line in lines() if line.tells
    }


NOWHERE = "nobody.at.all"


def plain(text: str, word: str) -> str:
    """What a page says, without the word asked for, the moment, and the tokens that differ in each."""
    ways = {word, escape(word), quote(word), quote_plus(word), quote(word, safe=""), quote(quote_plus(word))}
    for said in sorted(ways, key=len, reverse=True):
        text = re.sub(re.escape(said), "WORD", text, flags=re.IGNORECASE)
    return re.sub(r"[A-Za-z0-9]{32,}|\d\d:\d\d(:\d\d)?|'Content-Length': '\d+'", "", text)


def searches() -> list[tuple[str, str]]:
    """The pages that can be searched, and the name of the question."""
    tables = [
        model._meta.label_lower.replace(".", "/")
        for model, table in admin.site._registry.items()
        if table.search_fields
    ]
    exports = [line.address for line in lines() if line.address.endswith("/export/")]
    return (
        [(f"/admin/{table}/", "q") for table in tables]
        + [(path, "q") for path in exports]
        + [("/admin/search/", "s")]
    )


def answers(world: World, who: str, path: str, name: str, word: str) -> str:
    answer = ask(world, who, "get", path, {name: word})
    return answer.status + plain(answer.text, word)


def test_every_search_for_the_exact_word_answers_strangers_as_for_a_word_that_is_nowhere(
    world: World,
) -> None:
    for path, name in searches():
        nowhere = answers(world, "other administrator", path, name, NOWHERE)
        for word in world.words():
            assert answers(world, "other administrator", path, name, word) == nowhere, (path, word)


def test_a_search_that_finds_is_told_from_one_that_does_not(world: World) -> None:
    """The control: for the brand's own administrator the same pages differ, for each of the words somewhere."""
    lost = set(world.words())
    for path, name in searches():
        nowhere = answers(world, "administrator", path, name, NOWHERE)
        lost -= {word for word in lost if answers(world, "administrator", path, name, word) != nowhere}
    assert lost == set()


def autocompletes() -> list[dict[str, str]]:
    """Every question that a field of a table could ask for its choices, also where no form offers it."""
    return [
        {
            "app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field.name,
            "term": term,
        }
        for model in admin.site._registry
        for field in [*model._meta.fields, *model._meta.many_to_many]
        if isinstance(field, ForeignKey | ManyToManyField)
        for term in ("", "Quixmark")
    ]  # fmt: skip


@pytest.mark.parametrize("who", READERS)
def test_no_choice_of_a_form_offers_a_row_of_the_brand(world: World, who: str) -> None:
    answers = [ask(world, who, "get", reverse("admin:autocomplete"), asked) for asked in autocompletes()]
    assert sum(answer.status == "200" for answer in answers) > 20
    assert [answer.text for answer in answers if TELLS.search(answer.text)] == []


def test_a_file_taken_out_holds_the_rows_of_ones_own_brands_whatever_is_asked_for(world: World) -> None:
    for path in [line.address for line in lines() if line.address.endswith("/export/")]:
        form = {"format": "0", "resource": "0"}
        assert TELLS.search(ask(world, "supervisor", "post", path, form).text), path
        for asked in (
            "",
            f"?brand__id__exact={world.brand.pk}",
            f"?account__brand__id__exact={world.brand.pk}",
            "?q=QUIXMK-1",
        ):
            answer = ask(world, "other supervisor", "post", path + asked, form | {"export_items": "1"})
            assert not TELLS.search(answer.text), (path, asked)


def every_row(rows: Any, _agent: Any) -> Any:
    return rows.all()


def guard(rows: Any) -> type:
    """The query set in which it is said whose of these rows may be seen."""
    return next(kind for kind in type(rows).mro() if "visible_to" in vars(kind))


def guarded() -> dict[type, set[str]]:
    """Every such query set, with the pages (`room/table`) of the tables that it guards."""
    found: dict[type, set[str]] = {}
    for model in our_models():
        rows = model._default_manager.all()
        if model in admin.site._registry and hasattr(rows, "visible_to"):
            found.setdefault(guard(rows), set()).add(model._meta.label_lower.replace(".", "/"))
    return found


@pytest.mark.parametrize(
    "broken", sorted(guarded(), key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__
)
def test_control_the_walk_sees_each_table_that_forgets_whose_rows_it_shows(
    world: World, broken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broken, "visible_to", every_row)
    here = "|".join(guarded()[broken])
    pages = [line for line in lines() if re.search(rf"^/admin/({here})/($|{{row}}/change/)", line.address)]
    wrong = walk(world, "other administrator", pages, ("get",))
    assert wrong, broken


def test_control_the_walk_sees_a_deed_that_a_stranger_may_not_do(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assign = [line for line in lines() if line.address == "/tickets/{ticket}/assign/"]
    monkeypatch.setattr(OfBrandQuerySet, "visible_to", every_row)
    seen = walk(world, "other agent", assign, ("post",))
    assert not any("changed" in fault for fault in seen)  # found, and the right is still asked for
    monkeypatch.setattr(tickets.services.working, "expect_right", lambda *args: None)
    assert "other agent POST /tickets/{ticket}/assign/: rows of the brand changed" in walk(
        world, "other agent", assign, ("post",)
    )


def test_the_refused_are_refused_everywhere_in_one_of_the_known_ways() -> None:
    """The table itself: no stranger is let into an address that names a row of the brand."""
    shared = ("/agents/skill/",)
    for line in lines():
        if "{" in line.address and not any(table in line.address for table in shared):
            for who in STRANGERS:
                for status in line.expected[who]:
                    leads_on = line.address.endswith("{row}/") and status == "302"
                    assert status in REFUSED or leads_on, (line.address, who)
