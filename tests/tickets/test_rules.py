from __future__ import annotations

from typing import Any

from agents.models import Brand
from tests import make
from tickets.models import Occasion, RuleRun, Tag, Ticket, TicketEvent
from tickets.services import run_next


def run_all() -> None:
    while run_next():
        pass


def tags_of(ticket: Ticket) -> list[str]:
    return [tag.name for tag in Tag.objects.all().of(ticket)]


def test_what_happens_on_a_ticket_is_looked_at_once_by_the_rules_that_wait_for_it(
    brand: Brand, queue: Any, member: Any
) -> None:
    rule = make.make_rule(
        brand=brand, event="opened", conditions={"fact": "channel", "op": "is", "value": "mail"}
    )
    make.make_rule(brand=brand, event="opened", conditions={"fact": "channel", "op": "is", "value": "chat"})
    ticket = make.make_ticket(customer=member, queue=queue)
    assert Occasion.objects.values_list("event", flat=True).get() == "opened"  # nobody waits for words
    run_all()
    run_all()
    assert tags_of(ticket) == ["seen"]
    run = RuleRun.objects.get()
    assert (run.rule, run.version, run.outcome, run.depth) == (rule, rule.live, "done", 0)
    line = TicketEvent.objects.get(kind="tagged")
    assert (line.actor, line.by, line.data["rule"]) == ("rule", None, rule.live.pk)
    assert not Occasion.objects.exists()
