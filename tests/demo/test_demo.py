"""What is in the demo as it is loaded today."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import phonenumbers
import pytest
from django.contrib.auth.password_validation import validate_password
from django.db.models import Count, F, Max, Q
from pytest_django import DjangoDbBlocker

from agents import roles
from agents.models import Agent, Brand
from callbacks.models import Callback
from contactcenter import clock, demo
from contactcenter.demo import people
from customers.models import Consent, ContactPoint, Customer, Order
from goodwill.models import Reason, Request
from loyalty import offers, progress
from loyalty.models import Account, Entry, Tier
from tests.demo.loaded import expect_whole_ledger, loaded, row_counts, told
from tickets.models import Message, Ticket, TicketEvent

# Ranges that regulators keep for films and books, though number plans list them as in use.
FICTION = (
    "+1416555", "+1312555", "+1617555", "+61491570", "+49302312", "+494066969", "+4969900", "+49221471",
    "+498999998", "+467017406", "+46846500", "+3319900", "+3326191", "+3335301", "+3363998", "+44207946",
    "+44292018", "+441214960", "+441164960", "+441184960", "+441144960", "+441414960", "+441632960", "+447700900",
)  # fmt: skip


@pytest.fixture(scope="module")
def now(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[datetime]:
    """The instant for which the demo has been loaded, once for all tests here that look at it."""
    with django_db_blocker.unblock(), loaded() as at:
        yield at


@pytest.mark.xdist_group("demo")  # loaded once where the run keeps groups together
@pytest.mark.django_db
class TestLoadedToday:
    @pytest.fixture(autouse=True)
    def _loaded(self, now: datetime) -> None:
        """Every test of this class looks at the loaded demo."""

    def test_there_are_two_brands_three_hundred_customers_and_four_hundred_tickets(self) -> None:
        assert dict(Brand.objects.values_list("code", "currency")) == {"FF": "EUR", "AH": "GBP"}
        assert (Customer.objects.count(), Ticket.objects.count()) == (300, 400)
        assert Customer.objects.values("country").distinct().count() >= 18

    def test_orders_go_back_two_years(self, now: datetime) -> None:
        quarters = [now - timedelta(days=91 * n) for n in range(9)]
        for later, earlier in itertools.pairwise(quarters):
            assert Order.objects.filter(placed_at__gt=earlier, placed_at__lte=later).count() >= 20

    def test_the_people_the_shop_window_needs_are_there(self) -> None:
        mails = Count("contact_points", filter=Q(contact_points__kind="mail"))
        assert Customer.objects.annotate(mails=mails).filter(mails__gte=2).count() >= 3
        assert set(
            Customer.objects.filter(city__in=("Tokyo", "São Paulo")).values_list("time_zone", flat=True)
        ) == {
            "Asia/Tokyo",
            "America/Sao_Paulo",
        }
        assert Customer.objects.filter(brand__code="AH", name="Anjali Mehta").count() == 2
        assert Customer.objects.filter(brand__code="FF", city="Graz", name__endswith="Bauer").count() == 2

    def test_one_promise_was_missed(self, now: datetime) -> None:
        missed = Callback.objects.filter(state=Callback.State.MISSED, window_to__lt=now)
        assert [call.owner.email for call in missed] == [people.PEOPLE["sam"].email]
        assert missed.get().followed_by.state == Callback.State.KEPT

    def test_no_two_conversations_begin_alike_and_no_placeholder_is_left(self) -> None:
        first = Message.objects.filter(kind=Message.Kind.INBOUND, seq=1)
        openings = Counter(first.values_list("text", flat=True))
        assert sum(1 for count in openings.values() if count == 1) >= 380
        assert max(openings.values()) <= 3
        left = Q(text__regex=r"[{}]|\[[^]]*\|")
        assert not Message.objects.filter(left).exists()
        assert not Ticket.objects.filter(subject__regex=r"[{}]|\[[^]]*\|").exists()

    def test_every_state_and_priority_of_a_ticket_is_there(self) -> None:
        assert set(Ticket.objects.values_list("status", flat=True)) == set(Ticket.Status.values)
        assert set(Ticket.objects.values_list("priority", flat=True)) == set(Ticket.Priority.values)

    def test_promises_are_due_to_come_kept_and_cancelled_as_calls_and_as_tasks(self) -> None:
        told = {"promised", "due", "kept", "cancelled", "missed"}
        assert told <= set(Callback.objects.values_list("state", flat=True))
        assert set(Callback.objects.values_list("kind", flat=True)) == set(Callback.Kind.values)

    def test_both_brands_have_members_of_every_tier_and_a_few_who_are_no_members(self) -> None:
        held = set(Account.objects.values_list("brand__code", "tier__code"))
        assert held == {
            (code, tier) for code in ("FF", "AH") for tier in Tier.objects.values_list("code", flat=True)
        }
        assert 12 <= Customer.objects.filter(account=None).count() <= 30

    def test_every_tier_above_the_first_was_reached_by_somebody_and_ends_with_a_year(self) -> None:
        above = Account.objects.filter(tier__rank__gt=1).select_related("programme", "tier")
        assert not above.filter(tier_valid_until=None).exists()
        for account in above.prefetch_related("tier_changes"):
            until = account.tier_valid_until
            assert until is not None
            day = until.astimezone(account.programme.zone)
            assert (day.month, day.day, day.hour) == (1, 1, 0)
            assert account.tier_changes.latest("id").to_tier_id == account.tier_id

    def test_several_members_stand_shortly_below_the_next_tier(self, now: datetime) -> None:
        members = Account.objects.select_related("programme", "tier")
        ways = [progress.of_tier(account, now) for account in members]
        assert sum(1 for way in ways if way.next and way.missing <= 300) >= 3

    def test_points_of_several_members_end_within_thirty_days(self, now: datetime) -> None:
        assert Account.objects.filter(next_expiry__lte=now + timedelta(days=30)).count() >= 6
        assert not Account.objects.filter(next_expiry__lte=now).exists()

    def test_maria_looks_as_drawn(self, now: datetime) -> None:
        ticket = Ticket.objects.select_related("brand").get(key="demo:parcel-never-came")
        account = Account.objects.select_related("programme", "tier").get(customer=ticket.customer_id)
        ending = progress.expiring_soon(account, days=10, at=now)
        assert (ticket.reference, ticket.assignee.name, account.tier.code) == (
            "FF-4812",
            "Ana Petrova",
            "gold",
        )
        assert account.balance == 4210
        assert ending is not None
        today = now.astimezone(account.programme.zone).date()  # theirs: at night it is a day ahead of UTC
        assert (ending.points, (ending.last_day - today).days in (6, 7, 8, 9)) == (500, True)
        assert timedelta(minutes=41) < ticket.due_at - now < timedelta(minutes=43)
        assert Order.objects.get(number="A-20931").customer == ticket.customer

    def test_anas_list_runs_from_overdue_to_later_today_to_paused(self, now: datetime) -> None:
        ana = Agent.objects.get(email=people.PEOPLE["ana"].email)
        due = list(Ticket.objects.mine(ana).in_working_order().values_list("due_at", flat=True))
        assert 9 <= len(due) <= 12
        assert sum(1 for at in due if at and at < now) >= 1
        assert sum(1 for at in due if at and now <= at < now + timedelta(hours=1)) >= 3
        assert sum(1 for at in due if at and at >= now + timedelta(hours=1)) >= 3
        assert sum(1 for at in due if at is None) >= 2

    def test_ana_has_a_call_to_make_now_and_another_in_an_hour(self, now: datetime) -> None:
        calls = Callback.objects.filter(owner__email=people.PEOPLE["ana"].email, kind=Callback.Kind.CALL)
        assert calls.filter(state=Callback.State.DUE, window_from__lte=now, window_to__gt=now).count() == 1
        soon = now + timedelta(hours=1)
        assert (
            calls.filter(state=Callback.State.PROMISED, window_from__lte=soon, window_to__gt=soon).count()
            == 1
        )

    def test_nothing_waits_to_be_mailed(self) -> None:
        outbound = Message.objects.filter(kind=Message.Kind.OUTBOUND)
        assert set(outbound.values_list("state", flat=True)) == {Message.State.SENT}
        assert not outbound.filter(message_id="").exists()

    def test_nothing_that_was_said_or_done_lies_ahead_or_betrays_the_hour_of_loading(
        self, now: datetime
    ) -> None:
        for model, field in [
            (Customer, "created_at"), (ContactPoint, "created_at"), (Consent, "recorded_at"), (Order, "placed_at"),
            (Entry, "occurred_at"), (Ticket, "opened_at"), (Message, "created_at"), (Message, "sent_at"),
            (TicketEvent, "at"), (Request, "asked_at"), (Callback, "promised_at"),
        ]:  # fmt: skip
            assert model.objects.aggregate(last=Max(field))["last"] <= now, model

    def test_the_ledger_was_kept_all_along(self, now: datetime) -> None:
        today = Entry.objects.filter(posted_at__gte=now - timedelta(days=1))
        assert today.count() < 20
        assert not Entry.objects.filter(posted_at__lt=F("occurred_at")).exists()
        assert not Entry.objects.filter(posted_at__gt=F("occurred_at") + timedelta(days=31)).exists()

    def test_numbers_of_tickets_and_orders_ascend_with_their_time(self) -> None:
        for code in ("FF", "AH"):
            tickets = list(
                Ticket.objects.filter(brand__code=code).order_by("number").values_list("opened_at", flat=True)
            )
            orders = list(
                Order.objects.filter(brand__code=code).order_by("number").values_list("placed_at", flat=True)
            )
            assert (tickets, orders) == (sorted(tickets), sorted(orders))

    def test_all_addresses_are_reserved_ones_and_no_number_rings_anywhere(self) -> None:
        points = ContactPoint.objects
        assert not points.filter(kind="mail").exclude(value__endswith=".example").exists()
        for value in points.filter(kind="phone").values_list("value", flat=True):
            number = phonenumbers.parse(value)
            assert phonenumbers.is_possible_number(number)
            assert value.startswith(FICTION) or not phonenumbers.is_valid_number(number), value

    def test_at_least_three_customers_live_by_another_clock(self) -> None:
        assert Customer.objects.exclude(time_zone="").values("time_zone").distinct().count() >= 10
        far = Customer.objects.filter(time_zone__regex="^(America|Australia|Pacific)/")
        assert far.count() >= 3

    def test_the_ledger_is_whole(self) -> None:
        expect_whole_ledger()

    def test_all_sign_in_with_one_password_that_the_rules_allow(self) -> None:
        machine = Agent.objects.get(groups__name=roles.INTEGRATION)
        assert not machine.has_usable_password()
        for agent in Agent.objects.exclude(pk=machine.pk):
            assert agent.check_password(people.PASSWORD)
            validate_password(people.PASSWORD, agent)
        assert set(Agent.objects.filter(is_staff=True).values_list("groups__name", flat=True)) == {
            roles.SUPERVISOR,
            roles.ADMINISTRATOR,
        }
        assert set(Agent.objects.values_list("groups__name", flat=True)) == set(roles.RANKED)

    def test_every_reason_tells_the_customer_points_and_worth(self) -> None:
        sentences = Reason.objects.values_list("sentence", flat=True)
        assert len(sentences) == 12
        assert all("300" in s.format(points=300, worth="€3.00") for s in sentences)
        assert all("€3.00" in s.format(points=300, worth="€3.00") for s in sentences)

    def test_every_member_finds_rewards_to_have_or_to_come(self) -> None:
        for account in Account.objects.select_related("programme", "tier"):
            found = offers.offers(account)
            within = [offer for offer in found if offer.is_within_reach]
            assert within or offers.near(found), account
        maria = Account.objects.select_related("programme", "tier").get(customer__name="Maria Rossi")
        assert {offer.left for offer in offers.offers(maria)} >= {"", "3 left", "6 left"}
        assert [offer.missing for offer in offers.near(offers.offers(maria))] == [80]

    def test_loading_again_changes_nothing(self) -> None:
        before = row_counts(), list(Ticket.objects.order_by("id").values())
        assert demo.load(clock.now()) is False
        assert (row_counts(), list(Ticket.objects.order_by("id").values())) == before

    def test_the_command_prints_one_object_with_logins_brands_and_samples(self) -> None:
        printed = told("--json")
        found = json.loads(printed)
        assert printed.count("\n") == 1
        assert found["logins"][0]["email"] == "ana@fjordandfinch.example"
        assert {login["role"] for login in found["logins"]} == set(roles.RANKED) - {roles.INTEGRATION}
        assert {brand["code"] for brand in found["brands"]} == {"FF", "AH"}
        assert found["samples"]["ticket"]["reference"] == "FF-4812"
        assert found["samples"]["default_address"] == "care@fjordandfinch.example"

    def test_the_command_prints_a_table_for_people(self) -> None:
        printed = told()
        assert "ana@fjordandfinch.example" in printed
        assert people.PASSWORD in printed
