"""What a notice says: its kind, its words in the customer's language, and the mail that is made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template import TemplateDoesNotExist
from django.template.loader import get_template, select_template
from django.utils import timezone, translation

from agents.models import Brand
from contactcenter import clock
from customers.models import Notice


@dataclass(frozen=True)
class Words:
    """What is read: one line of subject, the text, the same as HTML ("": as text alone), and in which language."""

    subject: str
    text: str
    html: str = ""
    language: str = settings.LANGUAGE_CODE


@dataclass(frozen=True)
class Kind:
    """A kind of notice. `purpose`: the consent whose withdrawal stops it, "" for none.

    `facts` gives what stands in the words and not in the row: what is secret, what is looked up only then. `files`
    are what goes along: name, content, type. `words` are the words themselves where no template has them, `sender` the
    address that the letter comes from ("": the brand's first), `headers` those that it has besides.
    """

    purpose: str = ""
    facts: Callable[[Notice], dict[str, Any]] = lambda notice: {}
    words: Callable[[Notice], Words] | None = None
    sender: Callable[[Notice], str] = lambda notice: ""
    headers: Callable[[Notice], dict[str, str]] = lambda notice: {}
    files: Callable[[Notice], list[tuple[str, bytes, str]]] = lambda notice: []


# The kinds by the name of their template; upper rooms add theirs in `apps.ready()`.
KINDS: dict[str, Kind] = {}
# Whom answers reach: the first that names an address for the brand. Upper rooms add theirs in `apps.ready()`.
SENDERS: list[Callable[[Brand], str]] = []


def words_of(notice: Notice) -> Words:
    """The words of a notice: from `notices/<template>.<language>.txt`, else from `notices/<template>.txt`.

    The first line of a template is the subject. Where an .html of the same name stands beside it, that goes along.
    """
    customer = notice.customer
    language = customer.language or settings.LANGUAGE_CODE
    names = [f"notices/{notice.template}.{tag}.txt" for tag in (language, language.partition("-")[0])]
    template = select_template([*names, f"notices/{notice.template}.txt"])
    spoken = _language_of(template.template.name or "")
    facts = {"customer": customer, "brand": customer.brand} | notice.context
    with translation.override(spoken), timezone.override(clock.zone(customer.zone)):
        facts |= KINDS[notice.template].facts(notice) | {"language": spoken}
        said, html = template.render(facts), _html(template.template.name or "", facts)
    subject, _line, text = said.strip().partition("\n")
    return Words(" ".join(subject.split()), text.strip() + "\n", html, spoken)


def letter(notice: Notice) -> EmailMessage:
    """The mail that the customer gets; a copy of it bears the same Message-ID."""
    kind, brand = KINDS[notice.template], notice.customer.brand
    words = kind.words(notice) if kind.words else words_of(notice)
    address = kind.sender(notice) or next((found for sender in SENDERS if (found := sender(brand))), "")
    address = address or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    mail = EmailMultiAlternatives(
        subject=words.subject,
        body=words.text,
        from_email=formataddr((" ".join((brand.mail_name or brand.name).split()), address)),
        to=[notice.contact_point.value],
        headers={
            "Message-ID": f"<notice-{notice.pk}@{address.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",  # no machine answers a machine
        }
        | kind.headers(notice),
    )
    if words.html:
        mail.attach_alternative(words.html, "text/html")
    with translation.override(words.language), timezone.override(clock.zone(notice.customer.zone)):
        for name, content, content_type in kind.files(notice):
            mail.attach(name, content, content_type)
    return mail


def _html(name: str, facts: dict[str, Any]) -> str:
    """The words as HTML, from beside the text of this name; nothing where there is none."""
    try:
        return get_template(name.removesuffix("txt") + "html").render(facts)
    except TemplateDoesNotExist:
        return ""


def _language_of(name: str) -> str:
    """The language a template is written in: figures and days follow its words, not the wish."""
    parts = name.rpartition("/")[2].split(".")
    return parts[1] if len(parts) == 3 else settings.LANGUAGE_CODE
