"""The supervisors' pages by which an account is frozen, points move, vouchers are taken in and rewards are sent."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

import customers.services
from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Customer
from goodwill.models import Reason
from goodwill.services import grant_gift
from loyalty.models import (
    Account,
    AccountEvent,
    Criterion,
    Entry,
    Hold,
    Programme,
    Redemption,
    TierFloor,
    TierSet,
)
from loyalty.services import freeze, hold, redeem_reward, set_tier
from tests import make


@pytest.fixture
def office(client: Client, supervisor: Agent) -> Client:
    """The browser of a supervisor of the brand."""
    client.force_login(supervisor)
    return client


def at(name: str, *args: object) -> str:
    return reverse(f"admin:loyalty_{name}", args=args)


def points_of(*customers: Customer) -> list[int]:
    return [Account.objects.get(customer=customer).balance for customer in customers]


class TestFreezing:
    def test_an_account_is_frozen_with_a_reason_and_unfrozen_with_another(
        self, office: Client, member: Customer, supervisor: Agent
    ) -> None:
        address = at("account_freeze", member.account.pk)
        assert "Freeze" in office.get(address).text
        assert office.post(address, {"turn": "freeze", "reason": "suspicion"}).status_code == 302
        page = office.get(address).text
        assert "because its points moved in a strange way" in page
        assert "Sol Specht" in page
        assert office.post(address, {"turn": "unfreeze", "reason": "cleared"}).status_code == 302
        events = AccountEvent.objects.order_by("id").values_list("kind", "reason", "actor")
        assert list(events) == [
            ("frozen", "suspicion", supervisor.pk),
            ("unfrozen", "cleared", supervisor.pk),
        ]

    def test_without_a_reason_nothing_is_done(self, office: Client, member: Customer) -> None:
        address = at("account_freeze", member.account.pk)
        assert office.post(address, {"turn": "freeze", "reason": ""}).status_code == 200
        assert not AccountEvent.objects.exists()

    def test_the_late_echo_of_a_click_does_not_turn_it_back(self, office: Client, member: Customer) -> None:
        for _ in range(2):
            office.post(at("account_freeze", member.account.pk), {"turn": "freeze", "reason": "asked"})
        assert Account.objects.get(pk=member.account.pk).status == "frozen"
        assert AccountEvent.objects.count() == 1

    def test_a_closed_account_is_not_frozen_and_the_page_says_so(
        self, office: Client, member: Customer
    ) -> None:
        Account.objects.update(status="closed")
        answer = office.post(at("account_freeze", member.account.pk), {"turn": "freeze", "reason": "asked"})
        assert "This account is closed." in answer.text


class TestMoving:
    def asked(self, to: Customer, points: int, **fields: str) -> dict[str, object]:
        number = to.account.number.lower()
        return {"number": number, "points": points, "reason": "household", "key": str(uuid4())} | fields

    def test_what_moves_is_shown_first_and_moves_once(
        self, office: Client, member: Customer, brand: Brand, supervisor: Agent
    ) -> None:
        other = make.make_member(brand=brand, name="Otto Other")
        address, form = at("account_transfer", member.account.pk), self.asked(other, 400)
        page = office.post(address, form).text
        assert "What moves to Otto Other" in page
        assert "400 points, to be spent until" in page
        assert points_of(member, other) == [1000, 0]
        form["seen"] = f"{other.account.pk}:400"
        for _ in range(2):
            assert office.post(address, form).status_code == 302
        assert points_of(member, other) == [600, 400]
        left, came = Entry.objects.filter(kind="transfer").order_by("points")
        assert (left.actor, left.reason, left.group) == (supervisor, "household", came.group)
        assert left.uses.get().lot.expires_at == came.lot.expires_at

    def test_other_points_than_those_looked_at_do_not_move(
        self, office: Client, member: Customer, brand: Brand
    ) -> None:
        other = make.make_member(brand=brand)
        form = self.asked(other, 900, seen=f"{other.account.pk}:90")
        assert "900 points" in office.post(at("account_transfer", member.account.pk), form).text
        assert points_of(member, other) == [1000, 0]

    def test_refusals_stand_above_the_form(self, office: Client, member: Customer, brand: Brand) -> None:
        address, other = at("account_transfer", member.account.pk), make.make_member(brand=brand)
        assert "Only 1000 points can be spent." in office.post(address, self.asked(other, 1001)).text
        assert "That is the same account." in office.post(address, self.asked(member, 10)).text
        Account.objects.filter(customer=other).update(status="frozen")
        assert "This account is frozen" in office.post(address, self.asked(other, 10)).text
        moved = self.asked(other, 10, seen=f"{other.account.pk}:10")
        assert "This account is frozen" in office.post(address, moved).text
        assert points_of(member, other) == [1000, 0]

    def test_an_account_of_another_brand_is_not_there(
        self, office: Client, member: Customer, other_brand: Brand
    ) -> None:
        theirs = make.make_member(brand=other_brand, name="Theo Theirs")
        page = office.post(at("account_transfer", member.account.pk), self.asked(theirs, 10)).text
        assert "has no account of that number" in page
        assert "Theo" not in page


class TestSending:
    @pytest.fixture
    def mug(self, member: Customer, agent: Agent, brand: Brand) -> Redemption:
        reward = make.make_reward(brand=brand, kind="shipped", name="Mug", points=100)
        return redeem_reward(member.account, reward, by=agent, key="mug")

    def test_the_list_shows_what_is_to_be_sent_and_marks_it(
        self, office: Client, mug: Redemption, member: Customer, agent: Agent, brand: Brand, supervisor: Agent
    ) -> None:
        bag = redeem_reward(member.account, make.make_reward(brand=brand), by=agent, key="bag")
        waiting = office.get(at("redemption_changelist"), {"sending": "to_send"}).context["cl"].result_list
        assert list(waiting) == [mug]
        chosen = {"action": "mark_sent", "_selected_action": [mug.pk, bag.pk]}
        page = office.post(at("redemption_changelist"), chosen, follow=True).text
        assert "1 reward is marked as sent." in page
        assert "There is nothing to send for this." in page
        mug.refresh_from_db()
        assert mug.shipped_by == supervisor
        assert list(
            office.get(at("redemption_changelist"), {"sending": "sent"}).context["cl"].result_list
        ) == [mug]

    def test_its_page_marks_takes_back_and_undoes(
        self, office: Client, mug: Redemption, member: Customer
    ) -> None:
        address = at("redemption_deal", mug.pk)
        assert "It is to be sent." in office.get(address).text
        office.post(address, {"decision": "sent", "key": "k"})
        assert "Marked as sent on" in office.get(address).text
        refused = office.post(address, {"decision": "undo"}, follow=True).text
        assert "Mug is on its way already." in refused
        office.post(address, {"decision": "not_sent"})
        office.post(address, {"decision": "undo"})
        mug.refresh_from_db()
        assert (mug.state, points_of(member)) == ("undone", [1000])


class TestVouchers:
    def test_a_code_is_taken_in_once(
        self, office: Client, member: Customer, agent: Agent, brand: Brand
    ) -> None:
        voucher = redeem_reward(member.account, make.make_reward(brand=brand), by=agent, key="k").voucher
        address, form = at("voucher_take_in"), {"code": voucher.code.lower(), "key": str(uuid4())}
        for _ in range(2):
            assert "Taken in: Tote bag" in office.post(address, form, follow=True).text
        again = office.post(address, form | {"key": str(uuid4())}).text
        assert "This voucher has been used already." in again
        assert (
            "There is no voucher of this code."
            in office.post(address, {"code": "AAAA-BBBB-CCCC", "key": str(uuid4())}).text
        )

    def test_that_of_somebody_who_is_no_member_says_so(
        self, office: Client, agent: Agent, customer: Customer, late_parcel: Reason
    ) -> None:
        ticket, reward = make.make_ticket(customer=customer), make.make_reward(brand=customer.brand)
        grant_gift(ticket, reward, by=agent, reason=late_parcel, key="k")
        given = Redemption.objects.get()
        assert "for somebody who is no member" in office.get(at("redemption_deal", given.pk)).text
        form = {"code": given.voucher.code, "key": str(uuid4())}
        told = office.post(at("voucher_take_in"), form, follow=True).text
        assert "Taken in: Tote bag, of somebody who is no member." in told


class TestLettingGo:
    def test_a_hold_is_let_go_with_the_reward_that_waits_for_it(
        self, office: Client, member: Customer, agent: Agent, brand: Brand
    ) -> None:
        Programme.objects.update(confirm_above=100)
        point = customers.services.add_contact_point(member, "mail", "mara@mail.example")
        customers.services.verify_contact_point(point, by=agent)
        reward = make.make_reward(brand=brand, stock=1)
        waiting = redeem_reward(member.account, reward, by=agent, key="k")
        address = at("hold_let_go", Hold.objects.get().pk)
        assert "“Tote bag” waits for them" in office.get(address).text
        for _ in range(2):
            assert office.post(address).status_code == 302
        waiting.refresh_from_db()
        reward.refresh_from_db()
        account = Account.objects.get()
        assert (waiting.state, reward.stock, account.held, Hold.objects.get().state) == (
            "lapsed", 1, 0, "released",
        )  # fmt: skip

    def test_one_that_nothing_waits_for_is_let_go_alone(self, office: Client, member: Customer) -> None:
        until = clock.now() + timedelta(hours=1)
        held = hold(member.account, 300, by=None, key="h", until=until)
        office.post(at("hold_let_go", held.pk))
        assert Account.objects.get().held == 0


class TestTiers:
    def test_a_tier_set_by_hand_is_ended_on_its_page(
        self, office: Client, member: Customer, supervisor: Agent, programme: Programme
    ) -> None:
        gold, until = programme.tiers.get(code="gold"), (clock.now() + timedelta(days=90)).date()
        before = clock.now() - timedelta(days=1)
        floor = set_tier(
            member.account, gold, by=supervisor, until=until, reason="partner", key="k", at=before
        )
        address = at("tierfloor_end_early", floor.pk)
        assert "is held on Gold" in office.get(address).text
        assert "holds Bronze now" in office.post(address, follow=True).text
        assert "It is over already." in office.get(address).text
        assert TierFloor.objects.get().ended_by == supervisor

    def test_what_a_draft_asks_of_a_tier_is_taken_out_of_it(
        self, client: Client, brand: Brand, programme: Programme
    ) -> None:
        client.force_login(make.make_agent(role=roles.ADMINISTRATOR, brands=[brand]))
        version = TierSet.objects.create(programme=programme, version=2)
        kept, gone = (
            Criterion.objects.create(
                programme=programme,
                tier_set=version,
                tier=programme.tiers.get(code=code),
                qualifying_points=points,
            )
            for code, points in (("bronze", 0), ("gold", 900))
        )
        data = {
            "window": "calendar_year", "months": 12, "year_month": 1, "year_day": 1, "needs": "any",
            "review": "drop_to_earned", "grace_days": 0, "refunds": "immediate", "refund_days": 1,
            "criteria-TOTAL_FORMS": 2, "criteria-INITIAL_FORMS": 2,
        }  # fmt: skip
        for number, row in enumerate((kept, gone)):
            data |= {
                f"criteria-{number}-id": row.pk, f"criteria-{number}-tier_set": version.pk,
                f"criteria-{number}-tier": row.tier_id, f"criteria-{number}-qualifying_points": row.qualifying_points,
            }  # fmt: skip
        data["criteria-1-DELETE"] = "on"
        assert client.post(at("tierset_change", version.pk), data).status_code == 302
        assert list(version.criteria.all()) == [kept]


def test_an_agent_opens_none_of_these_pages(client: Client, agent: Agent, member: Customer) -> None:
    client.force_login(agent)
    for name in ("account_freeze", "account_transfer"):
        assert client.get(at(name, member.account.pk)).status_code == 302
    assert client.get(at("voucher_take_in")).status_code == 302


def test_who_only_looks_sees_no_way_to_any_of_these_deeds(
    client: Client, supervisor: Agent, member: Customer
) -> None:
    rights = supervisor.groups.get().permissions
    names = ["freeze_account", "transfer_points", "use_voucher", "redeem_points", "set_tier"]
    rights.remove(*rights.filter(codename__in=names))
    client.force_login(supervisor)
    page = client.get(at("account_change", member.account.pk)).text
    assert "/freeze/" not in page
    assert "/transfer/" not in page
    for name, args in (("account_freeze", [member.account.pk]), ("account_transfer", [member.account.pk]),
                       ("voucher_take_in", [])):  # fmt: skip
        assert client.get(at(name, *args)).status_code == 403


def test_a_frozen_account_tells_why_in_the_list_of_what_was_done(
    office: Client, member: Customer, supervisor: Agent
) -> None:
    freeze(member.account, by=supervisor, reason="dispute")
    assert "an order is in dispute" in office.get(at("account_freeze", member.account.pk)).text
