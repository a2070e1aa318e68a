"""What other systems do by the API: bring in customers and orders, pull tickets and points, answer, give, promise."""

from __future__ import annotations

import pytest

import customers.services
import tickets.services
from agents import roles
from agents.models import Agent, Brand
from customers.models import Customer, Order
from goodwill.models import Policy, Reason
from loyalty.models import Referral
from tests import make
from tests.api.client import Machine, expect_problem, integration
from tickets.models import Message, Queue, Ticket

LINES = [{"sku": "J-1", "name": "Rain jacket", "amount_minor": 12_000}]


def test_a_customer_is_shown_with_addresses_account_and_tier(shop: Machine, member: Customer) -> None:
    shown = shop.get(f"customers/{member.pk}/").json()
    assert (shown["name"], shown["brand"]) == ("Mara Mond", "FF")
    assert {"kind": "phone", "value": "+493012345678", "verified_at": None} in shown["contact_points"]
    account = shown["account"]
    assert (account["balance"], account["held"], account["available"]) == (1000, 0, 1000)
    assert account["tier"] == {"code": "bronze", "name": "Bronze"}


def test_who_is_no_member_has_no_account(shop: Machine, customer: Customer) -> None:
    assert shop.get(f"customers/{customer.pk}/").json()["account"] is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mail", "MARA@mail.example"),
        ("phone", "+49 30 123456-78"),
        ("handle", "@chirp:mara"),
        ("name", "Mara"),
        ("brand", "FF"),
    ],
)
def test_a_customer_is_found_by_address_or_name(
    shop: Machine, member: Customer, other_shop: Machine, name: str, value: str
) -> None:
    customers.services.add_contact_point(member, "mail", "mara@mail.example")
    customers.services.add_contact_point(member, "handle", "chirp:mara")
    make.make_customer(brand=other_shop.agent.brands.get(), name="Mara Else")
    assert [row["id"] for row in shop.rows("customers/", **{name: value})] == [member.pk]
    assert other_shop.rows("customers/", **{name: value}) == [] or name == "name"
    assert member.pk not in [row["id"] for row in other_shop.rows("customers/", **{name: value})]


def test_what_is_no_address_finds_nobody(shop: Machine, member: Customer) -> None:
    assert shop.rows("customers/", mail="no address") == shop.rows("customers/", phone="12") == []


@pytest.mark.parametrize("name", ["!!!", "-"])
def test_a_name_without_a_letter_or_figure_finds_nobody(shop: Machine, member: Customer, name: str) -> None:
    assert shop.rows("customers/", name=name) == []
    assert [row["id"] for row in shop.rows("customers/", name="m!")] == [member.pk]


def test_nobody_is_made_without_a_name_or_an_address(shop: Machine) -> None:
    before = Customer.objects.count()
    for name in ("", "  "):
        expect_problem(shop.post("customers/", {"brand": "FF", "name": name}), 409, "nobody")
    assert Customer.objects.count() == before
    mail = {"kind": "mail", "value": "nia@mail.example"}
    assert shop.post("customers/", {"brand": "FF", "name": "", "contact_points": [mail]}).status_code == 201


def test_a_customer_is_made_a_member_with_their_consent(
    shop: Machine, brand: Brand, programme: object
) -> None:
    answer = shop.post(
        "customers/",
        {
            "brand": "FF",
            "name": "Nia New",
            "country": "DE",
            "time_zone": "Europe/Berlin",
            "contact_points": [
                {"kind": "mail", "value": "Nia@Mail.example"},
                {"kind": "phone", "value": "030 1234567"},
            ],
            "enrol": {"consent_source": "checkout"},
        },
    )
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert [point["value"] for point in made["contact_points"]] == ["nia@mail.example", "+49301234567"]
    assert made["account"]["balance"] == 0
    consent = Customer.objects.get(pk=made["id"]).consents.get()
    assert (consent.purpose, consent.given, consent.source, consent.by) == (
        "programme",
        True,
        "checkout",
        shop.agent,
    )


def test_an_address_that_is_taken_leaves_no_half_customer_behind(shop: Machine, member: Customer) -> None:
    body = {"brand": "FF", "name": "Twin", "contact_points": [{"kind": "phone", "value": "+493012345678"}]}
    expect_problem(shop.post("customers/", body), 409, "address_taken")
    assert not Customer.objects.filter(name="Twin").exists()


def test_an_order_brings_points_in_the_same_breath(shop: Machine, member: Customer) -> None:
    body = {"customer": member.pk, "number": "A-1", "placed_at": "2026-11-01T12:00:00+01:00", "lines": LINES}
    answer = shop.post("orders/", body)
    assert answer.status_code == 201, answer.content
    order = answer.json()
    assert (order["total_minor"], order["currency"], order["placed_at"]) == (
        12_000,
        "EUR",
        "2026-11-01T11:00:00Z",
    )
    assert shop.get(f"customers/{member.pk}/").json()["account"]["balance"] == 1000 + 600
    assert shop.get(f"orders/{order['id']}/").json() == order
    assert shop.rows("orders/", number="A-1", customer=member.pk) == [order]


def test_an_order_that_is_there_already_is_a_200_and_brings_no_points_again(
    shop: Machine, member: Customer
) -> None:
    body = {"customer": member.pk, "number": "A-1", "lines": LINES}
    first, again = shop.post("orders/", body, key="k1"), shop.post("orders/", body, key="k2")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert "Idempotency-Replayed" not in again
    replayed = shop.post("orders/", body, key="k2")
    assert (replayed.status_code, replayed["Idempotency-Replayed"]) == (200, "true")
    assert (
        member.orders.count() == member.account.entries.filter(contra="issue.order", points=600).count() == 1
    )


def test_an_order_known_under_another_total_is_refused(shop: Machine, member: Customer) -> None:
    shop.post("orders/", {"customer": member.pk, "number": "A-1", "lines": LINES})
    dearer = [LINES[0] | {"amount_minor": 12_001}]
    answer = shop.post("orders/", {"customer": member.pk, "number": "A-1", "lines": dearer})
    expect_problem(answer, 409, "order_conflict")
    assert Order.objects.get().total_minor == 12_000


def test_people_of_the_desk_bring_in_no_orders(clerk: Machine, member: Customer) -> None:
    answer = clerk.post("orders/", {"customer": member.pk, "number": "A-1", "lines": LINES})
    expect_problem(answer, 403, "not_allowed")


def test_a_ticket_is_opened_with_the_customers_first_word(
    shop: Machine, member: Customer, queue: Queue
) -> None:
    body = {"customer": member.pk, "channel": "chat", "subject": "My parcel", "text": "Where is it?"}
    answer = shop.post("tickets/", body)
    assert answer.status_code == 201, answer.content
    ticket = answer.json()
    assert (ticket["status"], ticket["queue"]["name"], ticket["message_seq"]) == ("new", "Help", 1)
    assert ticket["due_at"]
    (word,) = shop.rows(f"tickets/{ticket['reference']}/messages/")
    assert (word["kind"], word["text"], word["author"]) == ("inbound", "Where is it?", None)

    said = Message.objects.get(ticket__number=ticket["reference"].partition("-")[2])
    assert (said.channel, said.sender) == ("chat", "")
    assert Ticket.objects.get().assignee is None


@pytest.mark.parametrize(
    ("fields", "code"), [({"channel": "mail"}, "no_such_channel"), ({"text": " \n "}, "nothing_said")]
)
def test_no_machine_writes_a_customers_mail_or_says_nothing(
    shop: Machine, member: Customer, queue: Queue, fields: dict, code: str
) -> None:
    body = {"customer": member.pk, "channel": "sms", "subject": "My parcel", "text": "Where is it?"}
    expect_problem(shop.post("tickets/", body | fields), 409, code)
    assert not Ticket.objects.exists()
    assert shop.post("tickets/", body).status_code == 201


def test_a_reply_is_queued_and_may_resolve(clerk: Machine, ticket: Ticket) -> None:
    answer = clerk.post(
        f"tickets/{ticket.reference}/reply/", {"text": "On its way.", "seen": 1, "resolve": True}
    )
    assert answer.status_code == 201, answer.content
    assert (answer.json()["kind"], answer.json()["state"]) == ("outbound", "queued")
    shown = clerk.get(f"tickets/{ticket.reference}/").json()
    assert (shown["status"], shown["assignee"]["name"]) == ("resolved", "Ada Amsel")


def test_a_reply_past_the_customers_last_word_is_refused(clerk: Machine, ticket: Ticket) -> None:
    make.hear(ticket, "Still nothing!")
    answer = clerk.post(f"tickets/{ticket.reference}/reply/", {"text": "On its way.", "seen": 1})
    said = expect_problem(answer, 409, "conversation_moved")
    assert said["details"]["text"] == "Still nothing!"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, True),
        ({"status": "new"}, True),
        ({"status": "closed"}, False),
        ({"brand": "FF"}, True),
        ({"brand": "KL"}, False),
    ],
)
def test_tickets_are_listed_by_what_they_are(shop: Machine, ticket: Ticket, query: dict, found: bool) -> None:
    by_row = [{}, {"queue": ticket.queue_id}, {"customer": ticket.customer_id}]
    for more in by_row:
        assert [row["reference"] for row in shop.rows("tickets/", **query, **more)] == [
            ticket.reference
        ] * found


def test_goodwill_stays_inside_the_limit_of_the_role(
    clerk: Machine, ticket: Ticket, late_parcel: Reason
) -> None:
    limit = Policy.objects.get(role="agent").per_grant
    grant = {"ticket": ticket.reference, "reason": "late-parcel", "points": limit}
    answer = clerk.post("goodwill/", grant)
    assert answer.status_code == 201, answer.content
    assert clerk.rows("goodwill/", ticket=ticket.reference) == [answer.json()]
    Policy.objects.update(apart_days=None)
    said = expect_problem(clerk.post("goodwill/", grant | {"points": limit + 1}), 409, "over_limit")
    assert said["details"] == {"limit": limit, "left": limit, "bound": "per_grant"}
    asked = clerk.post("goodwill/", grant | {"points": limit + 1, "ask": True})
    assert (asked.status_code, asked.json()["state"], asked.json()["entry"]) == (201, "waiting", None)


def test_a_machine_gives_goodwill_only_where_a_policy_says_so(
    shop: Machine, ticket: Ticket, late_parcel: Reason
) -> None:
    grant = {"ticket": ticket.reference, "reason": "late-parcel", "points": 50}
    expect_problem(shop.post("goodwill/", grant), 409, "over_limit")
    Policy.objects.create(role=roles.INTEGRATION, per_grant=50)
    assert shop.post("goodwill/", grant).status_code == 201


def test_an_unknown_reason_is_told_which_there_are(
    clerk: Machine, ticket: Ticket, late_parcel: Reason
) -> None:
    answer = clerk.post("goodwill/", {"ticket": ticket.reference, "reason": "rain", "points": 50})
    assert expect_problem(answer, 422, "unknown_reason")["details"] == {"known": ["late-parcel"]}


def window(days: int = 1) -> dict[str, str]:
    start, end = make.next_day("Europe/Berlin", 10, days=days)
    return {"window_from": start.isoformat(), "window_to": end.isoformat()}


def test_a_call_is_promised_moved_and_cancelled(clerk: Machine, ticket: Ticket) -> None:
    body = {"customer": ticket.customer_id, "ticket": ticket.reference, "reason": "The parcel", **window()}
    answer = clerk.post("callbacks/", body)
    assert answer.status_code == 201, answer.content
    promised = answer.json()
    assert (promised["number"], promised["owner"]["name"], promised["state"]) == (
        "+493012345678",
        "Ada Amsel",
        "promised",
    )
    moved = clerk.post(f"callbacks/{promised['id']}/move/", window(days=2)).json()
    assert moved["window_from"] > promised["window_from"]
    assert clerk.post(f"callbacks/{promised['id']}/cancel/").json()["state"] == "cancelled"
    assert [row["id"] for row in clerk.rows("callbacks/", state="cancelled")] == [promised["id"]]


def test_a_machine_promises_what_a_person_keeps(shop: Machine, clerk: Machine, member: Customer) -> None:
    body = {"customer": member.pk, "reason": "Asked for on the web", **window()}
    expect_problem(shop.post("callbacks/", body), 409, "not_of_brand")
    answer = shop.post("callbacks/", body | {"owner": clerk.agent.pk})
    assert answer.status_code == 201, answer.content


def test_a_promise_in_quiet_hours_is_refused_with_the_sentence_of_the_desk(
    clerk: Machine, member: Customer
) -> None:
    start, end = make.next_day("Europe/Berlin", 22)
    night = {"window_from": start.isoformat(), "window_to": end.isoformat()}
    answer = clerk.post("callbacks/", {"customer": member.pk, "reason": "x", **night})
    assert "quiet hours" in expect_problem(answer, 409, "quiet_hours")["detail"]


def test_an_integration_of_two_brands_acts_for_both(brand: Brand, other_brand: Brand) -> None:
    shop = Machine(integration(brand, other_brand))
    for code in ("FF", "KL"):
        assert shop.post("customers/", {"brand": code, "name": code}).status_code == 201
    assert [row["brand"] for row in shop.rows("customers/")] == ["KL", "FF"]


def test_a_refund_takes_the_points_back_in_the_same_breath(shop: Machine, member: Customer) -> None:
    order = shop.post("orders/", {"customer": member.pk, "number": "A-1", "lines": LINES}).json()
    part = {"line": order["lines"][0]["id"], "amount_minor": 12_000, "quantity": 1}
    answer = shop.post(f"orders/{order['id']}/refunds/", {"lines": [part]})
    assert answer.status_code == 201, answer.content
    assert (answer.json()["amount_minor"], answer.json()["lines"]) == (12_000, [part])
    assert shop.get(f"orders/{order['id']}/").json()["refunded_minor"] == 12_000
    assert shop.get(f"customers/{member.pk}/").json()["account"]["balance"] == 1000
    again = shop.post(f"orders/{order['id']}/refunds/", {"lines": [part]})
    expect_problem(again, 409, "more_than_paid")


def test_a_refund_of_an_article_of_another_order_is_refused(shop: Machine, member: Customer) -> None:
    first, second = (
        shop.post("orders/", {"customer": member.pk, "number": number, "lines": LINES}).json()
        for number in "12"
    )
    part = {"line": first["lines"][0]["id"], "amount_minor": 1}
    expect_problem(shop.post(f"orders/{second['id']}/refunds/", {"lines": [part]}), 422, "unknown_line")


def test_a_new_member_says_who_brought_them(shop: Machine, member: Customer) -> None:
    body = {"brand": "FF", "name": "Fay Friend", "referred_by": member.account.referral_code}
    expect_problem(shop.post("customers/", body), 422, "not_enrolled")
    body |= {"enrol": {"consent_source": "checkout"}}
    made = shop.post("customers/", body).json()
    referral = Referral.objects.get(friend__number=made["account"]["number"])
    assert (referral.referrer, referral.way, referral.by) == (member.account, "code", shop.agent)
    assert len(made["account"]["referral_code"]) == 10
    expect_problem(shop.post("customers/", body | {"referred_by": "nobody"}), 409, "unknown_referrer")
    assert Customer.objects.filter(name="Fay Friend").count() == 1


def test_a_ticket_is_sorted_and_shows_its_tags(clerk: Machine, ticket: Ticket, agent: Agent) -> None:
    tickets.services.tag(ticket, "late", by=agent)
    answer = clerk.post(f"tickets/{ticket.reference}/sort/", {"priority": 4, "type": "incident"})
    assert answer.status_code == 201
    assert (answer.json()["priority"], answer.json()["type"], answer.json()["tags"]) == (
        4,
        "incident",
        ["late"],
    )
    assert clerk.post(f"tickets/{ticket.reference}/sort/", {"priority": 5}).status_code == 400
    assert clerk.post(f"tickets/{ticket.reference}/sort/", {}).json()["priority"] == 4


def test_one_deed_is_done_on_many_tickets_and_each_refusal_is_told(
    clerk: Machine, ticket: Ticket, agent: Agent
) -> None:
    ended, strange = (make.make_ticket(brand=ticket.brand) for _ in range(2))
    tickets.services.resolve(ended, by=agent)
    names = [ticket.reference.lower(), ended.reference, "FF-99999"]
    body = {"tickets": names, "deed": "snooze", "until": "2026-12-24T09:00:00+01:00"}
    answer = clerk.post("tickets/bulk/", body, key="many")
    assert answer.status_code == 201
    assert answer.json()["done"] == [ticket.reference]
    refusals = {refusal["ticket"]: refusal["code"] for refusal in answer.json()["refused"]}
    assert refusals == {ended.reference: "ticket_ended", "FF-99999": "no_ticket"}
    again = clerk.post("tickets/bulk/", body, key="many")
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (answer.json(), "true")
    merged = clerk.post("tickets/bulk/", {"tickets": [ticket.reference, strange.reference], "deed": "merge"})
    assert merged.json()["refused"][0]["code"] == "other_customer"
    for wrong in ({"deed": "tag"}, {"deed": "mine", "tag": "late"}):
        expect_problem(clerk.post("tickets/bulk/", {"tickets": names, **wrong}), 422, "asks_otherwise")
    assert clerk.post("tickets/bulk/", {"tickets": names, "deed": "sing"}).status_code == 400
    theirs = make.make_ticket()
    expect_problem(clerk.post("tickets/bulk/", {"tickets": [str(theirs)], "deed": "mine"}), 422, "no_ticket")


def test_a_merged_ticket_says_where_it_goes_on(clerk: Machine, ticket: Ticket, agent: Agent) -> None:
    other = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    tickets.services.merge(other, ticket, by=agent)
    assert clerk.get(f"tickets/{other.reference}/").json()["merged_into"] == ticket.reference
    assert clerk.get(f"tickets/{ticket.reference}/").json()["merged_into"] is None
