"""Tickets by what was said in them: what is found, in which order, how it is shown, and by whom never."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

import tickets.services
from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Customer
from tests import make
from tickets.models import Message, Ticket, TicketWords
from tickets.search import looking, search


def found(agent: Agent, typed: str) -> list[str]:
    """The references of the hits in their order."""
    ids = [hit.ticket for hit in search(agent, typed).hits]
    by_id = Ticket.objects.select_related("brand").in_bulk(ids)
    return [by_id[pk].reference for pk in ids]


def hows(agent: Agent, typed: str) -> list[str]:
    return [hit.how for hit in search(agent, typed).hits]


@pytest.fixture
def lamp(brand: Brand) -> Ticket:
    """A ticket of somebody else in the same brand, in which three people spoke."""
    lamp = make.make_ticket(
        brand=brand, subject="The lamp arrived broken", text="It came in pieces, order A-20931."
    )
    make.hear(lamp, "The courier dropped the carton.")
    return lamp


@pytest.mark.parametrize(
    "typed",
    [
        "lamp", "LAMPS", "broken lamp", "lamp courier", "piece carton", '"came in pieces"', '"lamp arrived"', "A-20931",
        "carto*", "lamp -refund", "lamp -parcel", "is:open carton", "status:new lamp", "priority:normal lamp",
        "channel:email lamp", "lamp after:2020", "lamp before:2999-12-31", "lamp assignee:none", "lamp -is:mine",
        "lamp -tier:gold", "lamp status:new status:open", "“came in pieces”",
    ],
)  # fmt: skip
def test_a_ticket_is_found_by_its_words_together(
    lamp: Ticket, ticket: Ticket, agent: Agent, typed: str
) -> None:
    assert found(agent, typed) == [lamp.reference]


@pytest.mark.parametrize(
    "typed",
    [
        "lamp -courier", '"pieces came"', "lamp refund", "lamp status:closed", "lamp is:mine", "lamp before:2020",
        "lamp after:2999", "lamp channel:phone", "lamp priority:urgent", "lamp queue:nowhere", "lamp tier:gold",
        "lamp from:nobody", "lamp assignee:nobody.here", "lamp status:sleeping", "lamp before:yesterday", "amp", "the",
        "lamp before:2026-02-30", "lamp before:99999", "lamp after:0000",
    ],
)  # fmt: skip
def test_what_does_not_hold_all_of_it_is_not_found(
    lamp: Ticket, ticket: Ticket, agent: Agent, typed: str
) -> None:
    assert found(agent, typed) == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("colour:red", "“colour:” is no operator"),
        ("status:sleeping", "There is no status: “sleeping”. There are: new, open,"),
        ("is:red", "There are: open, ended, mine"),
        ("before:yesterday", "“yesterday” is no day"),
        ("tier:wood", "There is no tier “wood”"),
        ("queue:attic", "No queue is called “attic”"),
        ("from:zzzz", "No customer is found for “zzzz”"),
        ("assignee:zzzz", "No colleague is called “zzzz”"),
        ("the and of", "every letter"),
    ],
)
def test_what_was_not_understood_is_told(ticket: Ticket, agent: Agent, typed: str, sentence: str) -> None:
    (told,) = search(agent, typed).told
    assert sentence in told


def test_operators_alone_list_the_newest_first(lamp: Ticket, ticket: Ticket, agent: Agent) -> None:
    newest_first = [one.reference for one in sorted((lamp, ticket), key=lambda one: -one.pk)]
    assert found(agent, "is:open") == newest_first
    assert found(agent, f"is:open from:{ticket.customer.contact_points.first().value}") == [ticket.reference]
    assert found(agent, "-lamp") == [ticket.reference]
    tier = ticket.customer.account.tier
    assert found(agent, f"tier:{tier.code}") == found(agent, f"tier:{tier.name}") == [ticket.reference]


def test_whoever_has_a_ticket_is_asked_for_by_me_and_by_name(lamp: Ticket, agent: Agent) -> None:
    tickets.services.assign(lamp, agent, by=agent)
    for typed in (
        "assignee:me",
        "assignee:mine",
        "is:mine",
        f'assignee:"{agent.name}"',
        f"assignee:{agent.email}",
    ):
        assert found(agent, typed) == [lamp.reference], typed


def test_before_and_after_are_days_where_the_agent_lives(brand: Brand, agent: Agent) -> None:
    Agent.objects.filter(pk=agent.pk).update(time_zone="Asia/Tokyo")
    agent.refresh_from_db()
    late = make.make_ticket(brand=brand, at=make.instant("2026-03-01T15:30:00+00:00"))  # the second in Tokyo
    assert found(agent, "before:2026-03-02") == []
    assert found(agent, "after:2026-03-02 before:2026-03-03") == [late.reference]
    assert found(agent, "after:2026-03 before:2027") == [late.reference]


def test_what_names_a_ticket_for_sure_stands_first(
    lamp: Ticket, member: Customer, ticket: Ticket, agent: Agent
) -> None:
    order = make.make_order(customer=member, number="A-20931")
    mail = member.contact_points.get(kind="mail").value
    make.hear(lamp, f"Others wrote of {ticket.reference}, of {mail} and of {member.account.number}.")
    keys = {
        ticket.reference: "ticket", ticket.reference.lower(): "ticket", f"#{ticket.number}": "ticket",
        order.number: "order", "20931": "order", mail: "mail", member.account.number: "account",
    }  # fmt: skip
    for typed, how in keys.items():
        hits = search(agent, typed).hits
        assert (hits[0].ticket, hits[0].how) == (ticket.pk, how), typed
    assert hows(agent, "A-20931") == ["order", "words"]


def test_the_tickets_of_who_is_called_so_stand_before_what_was_written(
    lamp: Ticket, member: Customer, ticket: Ticket, agent: Agent
) -> None:
    make.hear(lamp, f"My neighbour is {member.name}.")
    assert hows(agent, member.name) == ["name", "words"]
    assert found(agent, f"from:{member.name.split()[0]}") == [ticket.reference]


def test_no_ticket_stands_twice(ticket: Ticket, agent: Agent) -> None:
    make.hear(ticket, f"I am {ticket.customer.name} and write of {ticket.reference}.")
    assert found(agent, ticket.reference) == found(agent, ticket.customer.name) == [ticket.reference]


def test_a_word_of_the_subject_counts_more_and_of_equals_the_newer_is_first(
    brand: Brand, agent: Agent
) -> None:
    subject = make.make_ticket(brand=brand, subject="Vouchers", text="Where are they?")
    texts = [make.make_ticket(brand=brand, subject="Hello", text="My voucher is gone.") for _ in range(2)]
    assert found(agent, "voucher") == [subject.reference, texts[1].reference, texts[0].reference]


def test_pages_follow_each_other_without_gap_or_repeat(
    brand: Brand, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also past what is ranked at once: here the newest four."""
    monkeypatch.setattr(looking, "CANDIDATES", 4)
    monkeypatch.setattr("tickets.search.CANDIDATES", 4)
    made = [
        make.make_ticket(
            brand=brand, subject="Vouchers" if number % 3 else "Hello", text="voucher " * (number % 4 + 1)
        )
        for number in range(11)
    ]
    for typed in ("voucher", "is:open", "voucher is:open"):
        seen: list[int] = []
        cursor = ""
        for _ in range(20):
            page = search(agent, typed, cursor=cursor, size=3)
            seen += [hit.ticket for hit in page.hits]
            if not (cursor := page.cursor):
                break
        assert sorted(seen) == [one.pk for one in made], typed
    assert (
        search(agent, "voucher", cursor="made up", size=3).hits[0].ticket
        == search(agent, "voucher").hits[0].ticket
    )


def test_what_is_marked_is_escaped(brand: Brand, agent: Agent) -> None:
    evil = '<img src=x onerror="alert(1)">'
    make.make_ticket(
        brand=brand, subject=f"{evil} voucher", text=f"A voucher {evil} \ue000voucher{evil}\ue001 & more"
    )
    (hit,) = search(agent, "voucher").hits
    for html in (str(hit.subject), str(hit.piece)):
        assert "<mark>voucher</mark>" in html
        assert set(re.findall(r"<[^>]*>", html)) == {"<mark>", "</mark>"}
    assert "&amp; more" in str(hit.piece)


def test_words_are_found_in_the_language_of_the_brand(brand: Brand, other_brand: Brand) -> None:
    Brand.objects.filter(pk=other_brand.pk).update(search_language="german")
    both = make.make_agent(brands=[brand, other_brand])
    german = make.make_ticket(brand=other_brand, subject="Drei Häuser", text="Wir warten auf unsere Lampen.")
    english = make.make_ticket(brand=brand, subject="Houses", text="Those lamps.")
    assert found(both, "haus") == [german.reference]
    assert found(both, "house") == [english.reference]
    assert set(found(both, "lampe")) == {german.reference, english.reference}


def test_the_tickets_of_another_brand_are_found_by_nothing(
    lamp: Ticket, other_brand: Brand, owner: Agent
) -> None:
    order = make.make_order(customer=lamp.customer)
    make.make_ticket(brand=other_brand, text="a lamp of our own")
    stranger = make.make_agent(brands=[other_brand])
    said = [
        lamp.reference, f"#{lamp.number + 990}", "carton", "courier carton", "cart*", '"came in pieces"', order.number,
        lamp.customer.name, lamp.customer.contact_points.get().value, f"from:{lamp.customer.name}", "carton is:open",
    ]  # fmt: skip
    for typed in said:
        assert lamp.reference not in found(stranger, typed), typed
    for typed in ("carton", lamp.reference, order.number, lamp.customer.name):
        assert lamp.reference in found(owner, typed), typed
    assert found(make.make_agent(brands=[]), "lamp") == []


def test_the_index_is_never_behind_a_commit(lamp: Ticket, agent: Agent) -> None:
    """No task, no service: whatever writes a row, the same statement makes it found."""
    Message.objects.create(ticket=lamp, seq=90, kind="inbound", channel="mail", text="xylophone", key="raw")
    assert found(agent, "xylophone") == [lamp.reference]
    Message.objects.filter(key="raw").update(text="bassoon")
    assert (found(agent, "xylophone"), found(agent, "bassoon")) == ([], [lamp.reference])
    Ticket.objects.filter(pk=lamp.pk).update(subject="Marimba")
    assert (found(agent, "marimba carton"), found(agent, "lamp")) == ([lamp.reference], [])
    other = make.make_ticket(brand=lamp.brand, subject="Drum", text="tamtam")
    Message.objects.filter(key="raw").update(ticket=other)
    assert found(agent, "bassoon") == [other.reference]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_message WHERE key = 'raw'")
    assert found(agent, "bassoon") == []
    assert found(agent, "tamtam drum") == [other.reference]
    with transaction.atomic():
        make.hear(other, "glockenspiel")
        transaction.set_rollback(True)
    assert found(agent, "glockenspiel") == []


def test_a_note_of_the_team_is_found_too(lamp: Ticket, agent: Agent) -> None:
    tickets.services.note(lamp, "He is a journalist.", by=agent, key="n")
    assert found(agent, "journalist lamp") == [lamp.reference]


def test_a_ticket_that_is_deleted_takes_its_words_along(brand: Brand) -> None:
    ticket = tickets.services.open_ticket(
        make.make_customer(brand=brand),
        queue=make.make_queue(brand=brand),
        subject="Gone",
        channel="mail",
        key="g",
    )
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_ticketevent WHERE false")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert TicketWords.objects.filter(ticket=ticket).exists()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_ticketevent DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM tickets_ticketevent WHERE ticket_id = %s", [ticket.pk])
        cursor.execute("DELETE FROM tickets_ticket WHERE id = %s", [ticket.pk])
    assert not TicketWords.objects.filter(ticket=ticket.pk).exists()


def test_a_long_conversation_is_kept_in_parts_and_found_to_its_end(lamp: Ticket, agent: Agent) -> None:
    for number in range(6):
        make.hear(lamp, " ".join(f"w{number}x{n}" for n in range(1500)))
    parts = list(TicketWords.objects.filter(ticket=lamp).order_by("part").values_list("part", flat=True))
    assert parts == list(range(len(parts)))
    assert len(parts) > 2
    assert found(agent, "w5x1499") == found(agent, "w0x0") == [lamp.reference]
    assert found(agent, "w0x0 -w5x1499") == []


@pytest.mark.parametrize(
    "text",
    [
        " ".join(f"{chr(0x4E00 + n % 20000)}{chr(0x4E00 + n // 20000)}" for n in range(150_000)),
        " ".join(f"a{n:x}" for n in range(200_000)),
        "a" * 1_500_000,
        "\ue000\ue001" * 1000,
    ],
    ids=["pairs", "words", "one word", "private signs"],
)  # fmt: skip
def test_no_message_is_refused_for_its_words(lamp: Ticket, agent: Agent, text: str) -> None:
    for _ in range(3):
        make.hear(lamp, text)
    make.hear(lamp, "and then zebra")
    assert found(agent, "zebra") == [lamp.reference]


@pytest.mark.parametrize(
    "typed",
    [
        "\0", "\ud800 lamp", '"', '"""', "lamp \"", "-", "--", ":", "::lamp", "lamp:*", "'lamp':*", "lamp & | ! ( <->",
        "\\", "\\'*", "%",
        "a*" * 500, "x" * 10**6, "tier:", 'from:"', "from:%", "before:-1", "queue:\\", "assignee:\0x",
        "²*", "ab²*", "🦊", "🦊*", "from:🦊", "1e999", "9" * 400, "#" + "9" * 30, "-" + "a " * 300, "is:open " * 400,
    ],
)  # fmt: skip
def test_whatever_is_typed_is_answered(lamp: Ticket, agent: Agent, typed: str) -> None:
    search(agent, typed)


def test_a_search_asks_the_same_however_many_there_are(brand: Brand, agent: Agent) -> None:
    def asked(typed: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            search(agent, typed)
        return len(queries)

    typed = ["voucher", "voucher is:open -lamp", "is:open", "from:customer voucher"]
    make.make_ticket(brand=brand, subject="Vouchers", text="voucher")
    few = [asked(one) for one in typed]
    for _ in range(30):
        make.make_ticket(brand=brand, subject="Vouchers", text="voucher")
    assert [asked(one) for one in typed] == few
    assert max(few) <= 16, few


def test_control_old_tickets_are_reached_too(
    brand: Brand, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids far apart: the shelves below the newest are asked as well."""
    old = make.make_ticket(
        brand=brand, subject="Voucher", text="voucher", at=clock.now() - timedelta(days=900)
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE tickets_ticket ALTER COLUMN id RESTART WITH 3000001")
    new = make.make_ticket(brand=brand, subject="Voucher", text="voucher")
    assert new.pk > 3_000_000
    assert found(agent, "voucher") == [new.reference, old.reference]
    monkeypatch.setattr(looking, "stretches", lambda last: iter([(last // 4096 * 4096, last + 1)]))
    assert found(agent, "voucher") == [new.reference]


def test_a_brand_that_speaks_another_language_is_read_again(
    lamp: Ticket, other_brand: Brand, agent: Agent
) -> None:
    house = make.make_ticket(brand=lamp.brand, subject="Drei Häuser", text="Wir warten.")
    theirs = make.make_ticket(brand=other_brand, subject="Häuser")
    before = list(TicketWords.objects.filter(ticket=theirs).values_list("words"))
    assert found(agent, "haus") == []
    call_command("search_language", lamp.brand.code, "german", stdout=StringIO())
    assert found(agent, "haus") == [house.reference]
    assert found(agent, "carton") == [lamp.reference]
    assert list(TicketWords.objects.filter(ticket=theirs).values_list("words")) == before


def test_a_common_word_with_an_operator_that_few_fulfil_is_looked_for_page_by_page(
    brand: Brand, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "CANDIDATES_ASKED", 2)
    monkeypatch.setattr(looking, "LOOKED_AT", 10)
    mine = make.make_ticket(brand=brand, subject="Voucher")
    tickets.services.assign(mine, agent, by=agent)
    for _ in range(30):
        make.make_ticket(brand=brand, subject="Voucher")
    first = search(agent, "voucher is:mine")
    assert (first.hits, bool(first.cursor)) == ([], True)
    assert "further back" in first.told[0]
    pages = [first]
    while pages[-1].cursor:
        pages.append(search(agent, "voucher is:mine", cursor=pages[-1].cursor))
    assert [hit.ticket for page in pages for hit in page.hits] == [mine.pk]
    assert len(pages) == 2
