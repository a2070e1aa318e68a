"""What a reply written in the composer looks like as a mail: plain words, HTML, pictures within, files beside."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail

import tickets.services as services
from agents.models import Agent
from tests import make
from tickets.channels.email.send import send_next
from tickets.models import Draft, Ticket


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def sent(ticket: Ticket, text: str, agent: Agent) -> EmailMessage:
    draft = Draft.objects.filter(ticket=ticket).first()
    services.send_now(ticket, text, by=agent, key="k1", seen=1, version=draft.version if draft else 0)
    assert send_next()
    found: Any = mail.outbox[-1].message()
    return found


def kinds(letter: Any) -> list[str]:
    return [part.get_content_type() for part in letter.walk()]


def test_a_reply_goes_as_plain_words_and_as_html(ticket: Ticket, agent: Agent) -> None:
    letter = sent(ticket, "It is **on its way**.  \n- 2*3\n- snake_case", agent)
    assert kinds(letter) == ["multipart/alternative", "text/plain", "text/html"]
    assert mail.outbox[-1].body == "It is **on its way**.\n- 2*3\n- snake_case"
    html = mail.outbox[-1].alternatives[0].content  # type: ignore[attr-defined]
    assert "<strong>on its way</strong>" in html
    assert "<li>snake_case</li>" in html
    ticket.refresh_from_db()
    assert ticket.last_words == "It is on its way. 2*3 snake_case"  # as its row shows it


def test_pictures_stand_within_and_files_beside(ticket: Ticket, agent: Agent) -> None:
    dot = services.add_file(ticket, "dot.png", make.PNG, by=agent, is_inline=True)
    services.add_file(ticket, "unused.png", make.PNG, by=agent, is_inline=True)
    services.add_file(ticket, "label.pdf", b"%PDF", by=agent)
    letter: Any = sent(ticket, f"Look: ![dot.png](file:{dot.pk})", agent)
    parts = {part.get_filename(): part for part in letter.walk() if part.get_filename()}
    assert set(parts) == {"dot.png", "unused.png", "label.pdf"}
    name = parts["dot.png"]["Content-ID"].strip("<>")
    assert f'src="cid:{name}"' in mail.outbox[-1].alternatives[0].content  # type: ignore[attr-defined]
    assert parts["dot.png"].get_payload(decode=True) == make.PNG
    assert parts["label.pdf"]["Content-Disposition"].startswith("attachment")
    assert mail.outbox[-1].body == "Look: [dot.png]"


def test_a_picture_of_another_ticket_is_not_sent_by_naming_its_number(ticket: Ticket, agent: Agent) -> None:
    other = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    theirs = services.add_file(other, "secret.png", make.PNG, by=agent, is_inline=True)
    letter = sent(ticket, f"![x](file:{theirs.pk})", agent)
    assert kinds(letter) == ["multipart/alternative", "text/plain", "text/html"]
    assert "cid:" not in mail.outbox[-1].alternatives[0].content  # type: ignore[attr-defined]


def test_what_a_program_replied_stays_the_words_it_gave(ticket: Ticket, agent: Agent) -> None:
    services.reply(ticket, "**not** ours", by=agent, key="k1", seen=1)
    assert send_next()
    assert (mail.outbox[-1].body, mail.outbox[-1].alternatives) == ("**not** ours", [])  # type: ignore[attr-defined]
