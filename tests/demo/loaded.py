"""A database with the demo in it, and what must hold of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import StringIO
from typing import Any

import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db.models import Sum
from django.db.models.functions import Coalesce

from contactcenter import demo
from contactcenter.demo import mark
from loyalty.models import Account, Lot
from tests import databases


@contextmanager
def loaded(now: datetime | None = None) -> Iterator[datetime]:
    """A database of its own that holds nothing but the demo: as of `now`, or as of some minutes ago.

    Gives the instant as of which it stands. Without `now` it is a copy and costs nothing.
    """
    if now is None:
        with databases.fresh(demo=True):
            here = mark.read()
            assert here is not None
            yield here.as_of
        return
    with databases.fresh():
        with time_machine.travel(now):
            assert demo.load(now)
        yield now


def told(*words: str) -> str:
    """What `manage.py demo` prints."""
    out = StringIO()
    call_command("demo", *words, stdout=out)
    return out.getvalue()


def row_counts() -> dict[str, int]:
    """How many rows each table of ours has."""
    rooms = ("agents", "customers", "loyalty", "tickets", "goodwill", "callbacks")
    models: list[Any] = [model for room in rooms for model in apps.get_app_config(room).get_models()]
    return {model._meta.label: model._default_manager.count() for model in models}


def expect_whole_ledger() -> None:
    """balance = Σ points = Σ remaining, seq dense, the chain of balances holds, uses explain what is left."""
    for account in Account.objects.prefetch_related("entries", "lots"):
        entries = sorted(account.entries.all(), key=lambda entry: entry.seq)
        assert [entry.seq for entry in entries] == list(range(1, account.version + 1))
        assert account.balance == sum(entry.points for entry in entries)
        assert account.balance == sum(lot.remaining for lot in account.lots.all())
        running = 0
        for entry in entries:
            running += entry.points
            assert entry.balance_after == running
        assert [e.occurred_at for e in entries] == sorted(e.occurred_at for e in entries)
    used = Lot.objects.annotate(used=Coalesce(Sum("uses__points"), 0))
    assert all(lot.remaining == lot.granted - lot.used for lot in used)
