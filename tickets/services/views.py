"""Lists that agents keep: made of operators, private or shared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agents.models import Agent, Brand, Team
from agents.rights import expect_right
from contactcenter.errors import Refused
from tickets.models import SavedView
from tickets.search.lists import expect_operators
from tickets.services.steps import WORK

SHARE = "tickets.add_savedview"
VIEWS_AT_MOST = 50  # private ones of one agent


def keep_view(
    name: str, query: str, *, brand: Brand, by: Agent, shared: bool = False, team: Team | None = None
) -> SavedView:
    """Keep the open tickets of `brand` that the operators of `query` pick out as a list called `name`.

    Private, or `shared` with the brand or one `team` of it, which needs the right to. Refused: `not_allowed`,
    `view_name_missing`, `view_name_taken`, `too_many_views`, `other_brand`, and what the query is refused for.
    """
    expect_right(by, SHARE if shared else WORK, brand.pk)
    if team and team.brand_id != brand.pk:
        raise Refused("other_brand", _("This team works for another brand."))
    name, query = _understood(name, query, brand, by)
    if not shared and SavedView.objects.filter(owner=by).count() >= VIEWS_AT_MOST:
        raise Refused("too_many_views", _("You have %d views; take one away first.") % VIEWS_AT_MOST)
    owner = None if shared else by
    with _name_given_once(name):
        return SavedView.objects.create(
            brand=brand, name=name, query=query, owner=owner, team=team if shared else None
        )


def change_view(view: SavedView, name: str, query: str, *, by: Agent) -> SavedView:
    """Give a view another name or other operators; for whom it is stays. Refused as a new one is, as taking it away
    is, and when it was taken away meanwhile (`view_gone`)."""
    _expect_theirs(view, by)
    view.name, view.query = _understood(name, query, view.brand, by)
    with _name_given_once(view.name):
        if not SavedView.objects.filter(pk=view.pk).update(name=view.name, query=view.query):
            raise Refused("view_gone", _("This view has been taken away."))
    return view


def drop_view(view: SavedView, *, by: Agent) -> None:
    """Take a view away; a private one its owner, a shared one whoever may share. One that is gone stays so."""
    _expect_theirs(view, by)
    SavedView.objects.filter(pk=view.pk).delete()


def _understood(name: str, query: str, brand: Brand, by: Agent) -> tuple[str, str]:
    """Name and operators without spare white space; refused where one is missing or makes no list."""
    name, query = " ".join(name.split())[:60], " ".join(query.split())
    if not name:
        raise Refused("view_name_missing", _("Give the view a name."))
    expect_operators(query, by, brand)
    return name, query


def _expect_theirs(view: SavedView, by: Agent) -> None:
    """Refuse who may not change it: a private view is its owner's, a shared one is for whoever may share."""
    if view.owner_id != by.pk:
        expect_right(by, SHARE, view.brand_id)
    if view.owner_id not in (None, by.pk):
        raise Refused("not_allowed", _("This view is somebody else’s."))


@contextmanager
def _name_given_once(name: str) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Refused("view_name_taken", _("There is a view “%s” already.") % name) from error
