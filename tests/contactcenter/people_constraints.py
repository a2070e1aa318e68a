"""What can never be true of agents and customers, their orders included: the cases of test_constraints for them."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace as World
from typing import Any

from agents.models import Team
from contactcenter import clock
from customers.models import (
    Consent,
    ContactPoint,
    CustomerChange,
    Duplicate,
    Merge,
    MergedRow,
    NotSame,
    OrderLineRefund,
    OrderRefund,
)
from tests import make
from tests.contactcenter.behind import change


def refund(world: World, **fields: Any) -> OrderRefund:
    """Money given back behind the services' back."""
    sound = {
        "order": world.order,
        "amount_minor": 5,
        "key": "k",
        "request_hash": "h",
        "refunded_at": clock.now(),
    }
    return OrderRefund.objects.create(**(sound | fields))


def line_refund(world: World, **fields: Any) -> OrderLineRefund:
    sound = {
        "order": world.order,
        "refund": refund(world),
        "line": world.order.lines.get(),
        "amount_minor": 5,
    }
    return OrderLineRefund.objects.create(**(sound | fields))


CASES: dict[str, Callable[[World], Any]] = {
    "agents_answer_key_once_an_agent": lambda w: [
        make.make_answer(w.agent, w.brand, key="k") for _ in range(2)
    ],
    "agents_token_revoked_by_somebody_at_a_time": lambda w: change(w.token, revoked_by=w.agent),
    "agents_brand_code_is_plain": lambda w: change(w.brand, code="f-f"),
    "agents_brand_search_language_known": lambda w: change(w.brand, search_language="klingon"),
    "agents_team_name_once_a_brand": lambda w: Team.objects.create(brand=w.brand, name=w.team.name.upper()),
    "agents_agent_density_known": lambda w: change(w.agent, density="tiny"),
    "agents_agent_email_once": lambda w: change(w.colleague, email=w.agent.email.upper()),
    "agents_agent_theme_known": lambda w: change(w.agent, theme="pink"),
    "customers_contactpoint_once_a_brand": lambda w: ContactPoint.objects.create(
        brand=w.brand, customer=w.somebody, kind="phone", value=w.phone.value
    ),
    "customers_contactpoint_not_empty": lambda w: change(w.mail, value=""),
    "customers_contactpoint_phone_is_e164": lambda w: change(w.phone, value="030 1234567"),
    "customers_contactpoint_kind_known": lambda w: change(w.mail, kind="pigeon"),
    "customers_customer_birthday_is_a_day": lambda w: change(w.somebody, birth_month=2, birth_day=30),
    "customers_change_kind_known": lambda w: CustomerChange.objects.create(
        brand=w.brand, customer=w.somebody, kind="guessed"
    ),
    "customers_notice_state_known": lambda w: change(w.notice, state="lost", due_at=None),
    "customers_notice_waiting_has_due": lambda w: change(w.notice, due_at=None),
    "customers_order_number_once_a_brand": lambda w: change(w.second_order, number=w.order.number),
    "customers_order_refund_within_total": lambda w: change(w.order, refunded_minor=w.order.total_minor + 1),
    "customers_orderline_is_something": lambda w: change(w.order.lines.get(), quantity=0),
    "customers_orderline_refund_within_amount": lambda w: change(w.order.lines.get(), refunded_minor=99_999),
    "customers_orderrefund_gives_something": lambda w: refund(w, amount_minor=0),
    "customers_orderlinerefund_gives_something": lambda w: line_refund(w, amount_minor=0),
    "customers_orderlinerefund_line_once": lambda w: line_refund(w, refund=w.refund),
    "customers_customer_merged_into_another": lambda w: change(w.somebody, merged_into=w.somebody),
    "customers_merge_takes_two": lambda w: change(w.merge, kept=w.merge.merged),
    "customers_merge_reason_known": lambda w: change(w.merge, reason="lost"),
    "customers_merge_undone_has_key": lambda w: change(w.merge, undone_at=clock.now()),
    "customers_merge_one_at_a_time": lambda w: Merge.objects.create(
        brand=w.brand, kept=w.somebody, merged=w.merge.merged, reason="twice", key="k2", request_hash="h"
    ),
    "customers_mergedrow_once": lambda w: MergedRow.objects.create(
        merge=w.merge, table=w.merge.rows.earliest("pk").table, row=w.merge.rows.earliest("pk").row
    ),
    "customers_notsame_in_order": lambda w: change(w.not_same, one=w.not_same.other, other=w.not_same.one),
    "customers_notsame_once": lambda w: NotSame.objects.create(
        brand=w.brand, one=w.not_same.one, other=w.not_same.other, by=w.agent
    ),
    "customers_duplicate_in_order": lambda w: change(
        w.duplicate, one=w.duplicate.other, other=w.duplicate.one
    ),
    "customers_duplicate_score_in_range": lambda w: change(w.duplicate, score=101),
    "customers_duplicate_once": lambda w: Duplicate.objects.create(
        brand=w.brand, one=w.duplicate.one, other=w.duplicate.other, score=1
    ),
}

# A row is given something of another brand, customer, programme or account.
JOINS: dict[str, Callable[[World], Any]] = {
    "customers_contactpoint_customer_id_of_one_brand": lambda w: change(
        w.somebodys_phone, customer=w.stranger
    ),
    "customers_consent_customer_id_of_one_brand": lambda w: Consent.objects.create(
        brand=w.brand, customer=w.stranger, purpose="calls", given=True, source="?"
    ),
    "customers_customerchange_customer_id_of_one_brand": lambda w: CustomerChange.objects.create(
        brand=w.brand, customer=w.stranger, kind="created"
    ),
    "customers_notice_customer_id_of_one_brand": lambda w: change(w.notice, customer=w.stranger),
    "customers_notice_contact_point_id_of_one_customer": lambda w: change(
        w.notice, contact_point=w.somebodys_phone
    ),
    "customers_order_customer_id_of_one_brand": lambda w: change(w.order, customer=w.stranger),
    "customers_customer_merged_into_id_of_one_brand": lambda w: change(w.somebody, merged_into=w.stranger),
    "customers_merge_kept_id_of_one_brand": lambda w: change(w.merge, kept=w.stranger),
    "customers_merge_merged_id_of_one_brand": lambda w: change(w.merge, merged=w.stranger),
    "customers_notsame_one_id_of_one_brand": lambda w: NotSame.objects.create(
        brand=w.other_brand, one=w.somebody, other=w.stranger_after, by=w.agent
    ),
    "customers_notsame_other_id_of_one_brand": lambda w: NotSame.objects.create(
        brand=w.brand, one=w.somebody, other=w.stranger_after, by=w.agent
    ),
    "customers_duplicate_one_id_of_one_brand": lambda w: Duplicate.objects.create(
        brand=w.other_brand, one=w.somebody, other=w.stranger_after, score=1
    ),
    "customers_duplicate_other_id_of_one_brand": lambda w: Duplicate.objects.create(
        brand=w.brand, one=w.somebody, other=w.stranger_after, score=1
    ),
    "customers_orderlinerefund_line_id_of_one_order": lambda w: line_refund(
        w, line=w.second_order.lines.get()
    ),
    "customers_orderlinerefund_refund_id_of_one_order": lambda w: line_refund(
        w, refund=refund(w, order=w.second_order, key="k2")
    ),
}
