"""What a browser fetches for an agent by a signed address: a mail as it was sent, a file, a picture.

The frame of a mail has an origin of its own and no session, so the address alone says what may be seen. It is made
only for who may see the row, holds for minutes, and opens that one thing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db.models import Model
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from contactcenter import clock, links
from contactcenter.errors import Refused
from desk.kept import kind_of_picture, opened_file, printable
from tickets.channels.email.inline import content_ids
from tickets.channels.email.safe_html import Safe, names_of_pictures, safe_html
from tickets.models import Attachment, InboundMail, Message
from tickets.pages import page

MAIL, FILE, PICTURE = "desk.mail", "desk.file", "desk.picture"
NAMES = {MAIL: "mail_page", FILE: "file_page", PICTURE: "picture_page"}
LIVES = {MAIL: timedelta(minutes=30), FILE: timedelta(minutes=5), PICTURE: timedelta(minutes=30)}
ENDED = {"no_link": 404, "link_ended": 410}
RUNS_NOTHING = "sandbox; default-src 'none'"


def address(purpose: str, *, brand: int, subject: int) -> str:
    """The signed path that opens the row `subject` of `brand` for `purpose`, for as long as LIVES says.

    Whoever calls has looked the row up with `visible_to`.
    """
    word = links.token(purpose, brand=brand, subject=subject, until=clock.now() + LIVES[purpose])
    return reverse(NAMES[purpose], args=[word])


def _by_word(view: Callable[[HttpRequest, str], HttpResponseBase]) -> Any:
    """A page for whoever has the word. What we never wrote is 404, what has ended 410, each with its sentence."""

    @wraps(view)
    def guarded(request: HttpRequest, word: str) -> HttpResponseBase:
        try:
            response = view(request, word)
        except Refused as refusal:
            response = page(request, "no_link", {"refusal": refusal}, status=ENDED[refusal.code])
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"  # the address is the key
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return require_safe(guarded)


def _row(rows: Any, word: str, purpose: str, brand: str) -> Any:
    """The row that the word opens. Refused as by `links.opened`; 404 for one that is gone or of another brand."""
    opened = links.opened(word, purpose, at=clock.now())
    found: Model | None = rows.filter(pk=opened.subject, **{brand: opened.brand}).first()
    if found is None:
        raise Http404
    return found


@xframe_options_sameorigin
@_by_word
def mail(request: HttpRequest, word: str) -> HttpResponse:
    """The HTML of a message, cleaned, under a policy that lets nothing run and nothing be fetched from elsewhere."""
    pictures = request.build_absolute_uri(reverse("picture_page", args=["x"])).removesuffix("x/")
    try:
        said = _row(Message.objects.select_related("ticket"), word, MAIL, "ticket__brand")
        context: dict[str, Any] = {"mail": _safe(said)}
        status = 200
    except Refused as refusal:  # within the frame, where our own pages may not stand
        context, status = {"refusal": refusal}, ENDED[refusal.code]
    response = HttpResponse(render_to_string("desk/sent.html", context), status=status)
    response["Content-Security-Policy"] = (
        f"sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: {pictures}; frame-ancestors 'self'"
    )
    return response


def _safe(said: Message) -> Safe | None:
    named: dict[str, str] = {}
    if "cid:" in said.html.lower():
        raw = InboundMail.objects.filter(message=said).order_by("pk").values_list("raw", flat=True).first()
        files = dict(said.attachments.values_list("sha256", "pk"))
        named = {
            name: address(PICTURE, brand=said.ticket.brand_id, subject=files[digest])
            for name, digest in content_ids(bytes(raw or b"")).items()
            if digest in files
        }
    return safe_html(said.html, names_of_pictures(named))


@_by_word
def file(_request: HttpRequest, word: str) -> FileResponse:
    """The file as a download; whatever type it claims, a browser does not run it."""
    row = _row(Attachment.objects.with_brand(), word, FILE, "of_brand")
    response = FileResponse(
        opened_file(row), as_attachment=True, filename=printable(row.name), content_type="application/octet-stream"
    )  # fmt: skip
    response["Content-Security-Policy"] = RUNS_NOTHING
    response["X-Content-Type-Options"] = "nosniff"
    return response


@_by_word
def picture(_request: HttpRequest, word: str) -> FileResponse:
    """A picture to look at, its type read from its own first bytes; 404 for what is none, an SVG among them."""
    row = _row(Attachment.objects.with_brand(), word, PICTURE, "of_brand")
    kind = kind_of_picture(row)
    if not kind:
        raise Http404
    response = FileResponse(opened_file(row), filename=printable(row.name), content_type=kind)
    response["Content-Security-Policy"] = RUNS_NOTHING
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"  # the frame of a mail is nobody's origin
    response["Cache-Control"] = "private, max-age=600"
    return response
