"""An error of ours stands before one row of a sweep, and before no other: it is logged, and tried again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from agents.models import Brand
from contactcenter import clock
from goodwill.models import PledgeRun, Request
from goodwill.services import (
    choosing,
    deciding,
    default_due,
    incidents,
    lapse_due,
    pass_on_due,
    pledging,
    urgent,
)
from goodwill.services.posting import post
from goodwill.tasks import keep_pledges
from tests import make
from tests.goodwill.test_sweeps import for_all, later, to_choose, waits
from tickets.models import Ticket

SWEEPS: dict[str, tuple[Callable[[], Ticket], Callable[..., int], Any, str]] = {
    "lapse_due": (waits, lapse_due, deciding, "_end"),
    "pass_on_due": (partial(waits, is_urgent=True), pass_on_due, urgent, "put_to_next"),
    "default_due": (to_choose, default_due, choosing, "_give"),
    "incidents.lapse_due": (for_all, incidents.lapse_due, incidents, "_end"),
}


def broken_for(ticket: Ticket, deed: Any) -> Any:
    """The deed, failing on what is about this ticket."""

    def fails(about: Any, *more: Any, **fields: Any) -> Any:
        if getattr(about, "request", about).ticket_id == ticket.pk:
            raise RuntimeError("an error of ours")
        return deed(about, *more, **fields)

    return fails


@pytest.mark.django_db
@pytest.mark.parametrize("name", SWEEPS)
def test_a_sweep_passes_over_the_row_that_is_broken(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    prepared, sweep, where, deed = SWEEPS[name]
    first, _second = prepared(), prepared()
    at = later()
    with monkeypatch.context() as broken:
        broken.setattr(where, deed, broken_for(first, getattr(where, deed)))
        assert sweep(at=at) == 1
        assert "an error of ours" in caplog.text
    assert (sweep(at=at), sweep(at=at)) == (1, 0)


def test_a_clock_that_is_broken_is_put_off_and_all_others_are_paid(
    brand: Brand, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    at, others = clock.now(), make.make_brand()
    for one in (brand, others):
        make.make_pledge(brand=one)
    members = [make.make_member(brand=one) for one in (brand, brand, others)]
    late = [make.make_ticket(customer=member, at=at) for member in members]
    up = at + timedelta(minutes=60)
    with monkeypatch.context() as broken:
        broken.setattr(pledging, "post", broken_for(late[0], post))
        assert keep_pledges(at=up) == 3
        assert keep_pledges(at=up) == 0
    assert "an error of ours" in caplog.text
    states = dict(PledgeRun.objects.values_list("ticket", "state"))
    assert states == {late[0].pk: "running", late[1].pk: "paid", late[2].pk: "paid"}
    assert keep_pledges(at=up + pledging.AGAIN - timedelta(seconds=1)) == 0
    assert keep_pledges(at=up + pledging.AGAIN) == 1
    assert Request.objects.filter(ticket__in=late, state="posted").count() == 3
