"""What supervisors do with a finding: states, an owner, a conclusion, and whom it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from goodwill.models import Finding
from goodwill.radar.words import SENTENCES, VIA, sentence_of
from goodwill.services import assign, conclude, lookers_of
from tests import make

SHARE = {"hits": 6, "of": 20, "expected": 0.4, "peers": 12, "points": 600, "requests": []}
EVIDENCE: dict[str, dict[str, Any]] = {
    **dict.fromkeys(["silent", "alone", "new_accounts", "just_under"], SHARE),
    "split": SHARE | {"within_days": 7},
    "one_customer": {"hits": 5, "of": 5, "expected": 0.3, "tickets": 6},
    "each_other": {"there": 8, "back": 7, "approvers": 4},
    "above_peers": {
        "queue": 1, "a_ticket": 60.0, "error": 5.1, "median": 20.0, "spread": 1.5, "peers": 9, "tickets": 100
    },
    "merged": {"hits": 1, "merge": 1, "merged_by": None, "entry": 1, "spent_by": None},
}  # fmt: skip


@pytest.fixture
def finding(agent: Agent, brand: Brand) -> Finding:
    return make.make_finding(agent=agent, brand=brand)


def refused(deed: Any, *arguments: Any, **more: Any) -> str:
    with pytest.raises(Refused) as refusal:
        deed(*arguments, **more)
    assert refusal.value.sentence
    return refusal.value.code


def test_a_finding_is_open_then_looked_into_by_an_owner_then_decided(
    finding: Finding, supervisor: Agent, second: Agent
) -> None:
    assert (finding.state, finding.owner) == ("open", None)
    taken = assign(finding, supervisor, by=supervisor)
    assert (taken.state, taken.owner) == ("looked_into", supervisor)
    handed = assign(finding, second, by=supervisor)
    assert (handed.state, handed.owner) == ("looked_into", second)
    assert assign(finding, second, by=supervisor).owner == second
    at = clock.now()
    done = conclude(finding, "confirmed", note="  We have spoken.  ", by=second, at=at)
    assert (done.state, done.note, done.decided_by, done.decided_at, done.owner) == (
        "confirmed", "We have spoken.", second, at, second
    )  # fmt: skip
    assert conclude(finding, "confirmed", note="We have spoken.", by=second).decided_at == at
    assert not Finding.objects.undecided().exists()


def test_whoever_decides_owns_what_nobody_had_and_leaves_it_to_who_has_it(
    agent: Agent, brand: Brand, supervisor: Agent, second: Agent
) -> None:
    one, other = (make.make_finding(agent=agent, brand=brand) for _ in range(2))
    assert conclude(one, "dismissed", note="Her round", by=supervisor).owner == supervisor
    assign(other, second, by=supervisor)
    done = conclude(other, "dismissed", note="Her round", by=supervisor)
    assert (done.owner, done.decided_by) == (second, supervisor)


def test_what_is_decided_stays_decided(finding: Finding, supervisor: Agent, second: Agent) -> None:
    conclude(finding, "dismissed", note="Her round", by=supervisor)
    assert refused(conclude, finding, "confirmed", note="No", by=second) == "already_decided"
    assert refused(conclude, finding, "dismissed", note="Another", by=supervisor) == "already_decided"
    assert refused(assign, finding, second, by=supervisor) == "already_decided"


def test_a_conclusion_takes_one_of_two_states_and_words(finding: Finding, supervisor: Agent) -> None:
    for state in ("open", "looked_into", "", "guilty"):
        assert refused(conclude, finding, state, note="So", by=supervisor) == "no_such_state"
    assert refused(conclude, finding, "dismissed", note="  ", by=supervisor) == "note_missing"
    assert len(conclude(finding, "dismissed", note="x" * 900, by=supervisor).note) == 500


def test_nobody_looks_into_what_concerns_themselves(brand: Brand, supervisor: Agent, second: Agent) -> None:
    third = make.make_agent(brands=[brand], role=roles.SUPERVISOR)
    both = make.make_finding(agent=supervisor, approver=second, brand=brand, kind="each_other")
    for one in (supervisor, second):
        assert refused(assign, both, one, by=third) == "concerned"
        assert refused(assign, both, third, by=one) == "concerned"
        assert refused(conclude, both, "dismissed", note="It was nothing", by=one) == "concerned"
        assert not Finding.objects.visible_to(one).exists()
    assert Finding.objects.visible_to(third).get() == both
    assert assign(both, third, by=third).owner == third


def test_the_database_lets_nobody_own_or_decide_what_concerns_them(
    brand: Brand, supervisor: Agent, second: Agent
) -> None:
    both = make.make_finding(agent=supervisor, approver=second, brand=brand, kind="each_other")
    decided = {"state": "dismissed", "decided_at": clock.now(), "note": "So"}
    for one in (supervisor, second):
        for change in ({"owner": one}, decided | {"owner": make.make_agent(), "decided_by": one}):
            with pytest.raises(IntegrityError, match="goodwill_finding_takes_others"), transaction.atomic():
                Finding.objects.filter(pk=both.pk).update(**change)


def test_it_takes_the_right_in_the_brand_for_who_does_and_who_is_to(
    finding: Finding, agent: Agent, supervisor: Agent, brand: Brand, other_brand: Brand
) -> None:
    colleague = make.make_agent(brands=[brand])
    elsewhere = make.make_agent(brands=[other_brand], role=roles.SUPERVISOR)
    for one in (colleague, elsewhere):
        assert refused(assign, finding, supervisor, by=one) == "not_allowed"
        assert refused(assign, finding, one, by=supervisor) == "not_allowed"
        assert refused(conclude, finding, "dismissed", note="So", by=one) == "not_allowed"
        assert not Finding.objects.visible_to(elsewhere).exists()


def test_who_looks_are_the_supervisors_and_of_one_the_administrators_too(
    brand: Brand, supervisor: Agent, second: Agent
) -> None:
    administrator = make.make_agent(brands=[brand], role=roles.ADMINISTRATOR)
    assert lookers_of(brand) == [supervisor, second]
    second.brands.clear()
    assert lookers_of(brand) == [supervisor, administrator]


def test_every_kind_says_in_words_what_it_rests_on(agent: Agent, brand: Brand) -> None:
    assert set(EVIDENCE) | {"related"} == set(SENTENCES) | {"related"} == set(Finding.Kind.values)
    for kind, evidence in EVIDENCE.items():
        sentence = sentence_of(make.make_finding(agent=agent, brand=brand, kind=kind, evidence=evidence))
        assert sentence.endswith(".")
        assert "%" not in sentence
    said = {sentence_of(make.make_finding(agent=agent, brand=brand, evidence={"via": via})) for via in VIA}
    assert len(said) == len(VIA)


def test_a_deed_takes_few_questions(finding: Finding, supervisor: Agent) -> None:
    with CaptureQueriesContext(connection) as asked:
        conclude(finding, "dismissed", note="So", by=supervisor)
    assert len([one for one in asked if "SAVEPOINT" not in one["sql"]]) <= 5
