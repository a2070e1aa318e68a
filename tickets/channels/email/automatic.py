"""Whether a machine wrote a mail."""

import re

from tickets.channels.email.headers import Headers, words_decoded
from tickets.channels.email.mime import Entity

LOOP_HEADER = "X-Loyalty-Desk"  # set on everything that we send; coming in it is our own mail come back

_MOST_HOPS = 50
_MACHINE_SENDER = re.compile(r"(mailer-daemon|mailerdaemon|postmaster|mail-daemon)@", re.IGNORECASE)
_NOBODY = re.compile(  # who writes from there reads nothing that comes back
    r"(.*[.+_-])?(no[._-]?(reply|response|answer)|do[._-]?not[._-]?reply|noreply|bounces?|mailer-daemon|mail-daemon"
    r"|postmaster|mailerdaemon|autoreply|auto-reply|keine?[._-]?antwort|ne[._-]?pas[._-]?repondre)([.+_=-].*)?@",
    re.IGNORECASE,
)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|delivery (status|failure|has failed)|mail delivery|returned mail|failure notice|zustellbar",
    re.IGNORECASE,
)
_AWAY_SUBJECT = re.compile(
    r"^(auto(matic|mated)?[ -]?(reply|response)|out of (the )?office|abwesen|automatische antwort"
    r"|réponse automatique|respuesta automática|risposta automatica)",
    re.IGNORECASE,
)


def why_automatic(message: Entity, sender: str) -> str:
    """Why no person wrote this mail to us, else nothing.

    `loop`: our own mail come back. `bounce`: it could not be delivered, or not yet. `receipt`: it was read.
    `complaint`: a provider's abuse report. `out of office`: an answering machine. `auto-submitted`: any other
    machine. `list`: sent to many; a group address that hands customers' mails on to us says the same, so this
    alone is no reason to refuse it.
    """
    headers = message.headers
    if headers.raw(LOOP_HEADER.lower()) or len(headers.raw("received")) >= _MOST_HOPS:
        return "loop"
    if report := _report(message):
        return report
    subject = words_decoded(headers.first("subject"))
    submitted = re.split(r"[;(\s]", headers.first("auto-submitted").lower())[0]
    precedence = headers.first("precedence").strip().lower()
    if headers.raw("x-failed-recipients") or (
        _MACHINE_SENDER.match(sender) and _BOUNCE_SUBJECT.search(subject)
    ):
        return "bounce"
    if (
        submitted == "auto-replied"
        or precedence in {"auto_reply", "auto-reply"}
        or any(headers.first(name) for name in ("x-autoreply", "x-autorespond", "x-autoresponder"))
        or _AWAY_SUBJECT.match(subject)
    ):
        return "out of office"
    if "<>" in (path.replace(" ", "") for path in headers.every("return-path")):
        return "bounce"
    if (submitted and submitted != "no") or _MACHINE_SENDER.match(sender) or _wants_no_answer(headers):
        return "auto-submitted"
    if precedence in {"bulk", "junk", "list"} or any(
        map(headers.raw, ("list-id", "list-unsubscribe", "list-post"))
    ):
        return "list"
    return ""


def _wants_no_answer(headers: Headers) -> bool:
    """Whether the sender asks that no machine answers (Microsoft's header; people's programs do not set it)."""
    asked = {word.strip().lower() for word in headers.first("x-auto-response-suppress").split(",")}
    return bool(asked & {"all", "autoreply"})


def reads_nothing(sender: str) -> bool:
    """Whether nobody reads what is sent to the address: no-reply, bounce addresses, the mail system itself."""
    return _NOBODY.match(sender) is not None


def _report(message: Entity) -> str:
    """What kind of report (RFC 6522) the message says it is, else nothing."""
    if message.content_type == "message/delivery-status":
        return "bounce"
    if message.content_type != "multipart/report":
        return ""
    kinds = {"disposition-notification": "receipt", "feedback-report": "complaint"}
    return kinds.get(message.parameters.get("report-type", "").lower(), "bounce")
