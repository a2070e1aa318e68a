"""The words of the automatic first answer, and who never gets one. Needs no database."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.formats import date_format

PLACEHOLDERS = ("name", "reference", "due", "brand")
_PLACE = re.compile(r"\{([^{}\n]*)\}")
_NAMED = re.compile(r",? ?\{name\}")
_LOOKS_LIKE_AN_ADDRESS = re.compile(r"[@/\\<>{}]|\w\.\w|www|http", re.IGNORECASE)
_LONGEST_NAME = 40
# What the house says where a brand has written no words of its own; the language as in `Customer.language`.
TEXTS = {
    "en": """Hello {name},

your message has reached us. It is {reference}; you need not write again.

We answer by {due}.

{brand}
(This answer was sent by itself.)
""",
    "de": """Guten Tag {name},

Ihre Nachricht ist angekommen. Sie hat die Nummer {reference}; Sie brauchen nicht noch einmal zu schreiben.

Wir antworten bis {due}.

{brand}
(Diese Antwort wurde automatisch versandt.)
""",
    "fr": """Bonjour {name},

votre message nous est bien parvenu. Il porte le numéro {reference} ; inutile de nous écrire à nouveau.

Nous vous répondrons avant {due}.

{brand}
(Cette réponse a été envoyée automatiquement.)
""",
    "it": """Buongiorno {name},

il suo messaggio è arrivato. Ha il numero {reference}; non occorre scrivere di nuovo.

Risponderemo entro {due}.

{brand}
(Questa risposta è stata inviata automaticamente.)
""",
    "es": """Hola, {name}:

Hemos recibido su mensaje. Tiene el número {reference}; no hace falta que vuelva a escribir.

Le responderemos antes del {due}.

{brand}
(Esta respuesta se ha enviado automáticamente.)
""",
    "nl": """Beste {name},

uw bericht is aangekomen. Het heeft nummer {reference}; u hoeft niet nog eens te schrijven.

Wij antwoorden uiterlijk {due}.

{brand}
(Dit antwoord is automatisch verzonden.)
""",
}


def unknown_in(text: str) -> list[str]:
    """The placeholders in `text` that nothing is ever put into."""
    return sorted({name for name in _PLACE.findall(text) if name not in PLACEHOLDERS})


def filled(text: str, facts: dict[str, str]) -> str:
    """`text` with the facts in its places, each put in once and never read again.

    A line that speaks of a fact that is "" is left out; a greeting of somebody without a name is only shorter. What is
    no placeholder of ours stays as it stands.
    """
    if not facts.get("name"):
        text = _NAMED.sub("", text)
    lines = [line for line in text.splitlines() if not _speaks_of_nothing(line, facts)]
    return _PLACE.sub(lambda place: facts.get(place[1], place[0]), "\n".join(lines)).strip() + "\n"


def _speaks_of_nothing(line: str, facts: dict[str, str]) -> bool:
    return any(facts.get(name) == "" for name in _PLACE.findall(line))


def addressed(name: str) -> str:
    """A customer's name for the first line; "" for one that carries an address or is no name.

    The name came from a header that anybody can write: nobody's advertising goes out under our name.
    """
    words = " ".join(name.split())
    return "" if len(words) > _LONGEST_NAME or _LOOKS_LIKE_AN_ADDRESS.search(words) else words


def in_words(due: datetime, zone: ZoneInfo, *, at: datetime, language: str) -> str:
    """An instant as a day of the week and an hour in `zone`, from a week on with its date: Monday 10:30."""
    local = due.astimezone(zone)
    near = (local.date() - at.astimezone(zone).date()).days < 7
    with translation.override(language):
        return f"{date_format(local, 'l' if near else 'l j F')} {local:%H:%M}"


def language_among(known: dict[str, str], language: str) -> str:
    """The language of `known` that comes nearest to a customer's: its own, that without the region; "" for none."""
    code = language.lower()
    return next((tag for tag in (code, code.partition("-")[0]) if tag in known), "")
