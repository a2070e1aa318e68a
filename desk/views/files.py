"""What came with messages: the way to a file, a picture and a mail as it was sent, each by a signed address of its own,
and the whole words of a long mail as plain text.

The pages link here, by addresses that stay the same; the signed ones are made when one is asked for.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from desk import pages
from desk.access import AgentRequest, desk_view
from desk.kept import kind_of_picture
from tickets.models import Attachment, Message


@desk_view
@require_safe
def attachment(request: AgentRequest, pk: int) -> HttpResponseRedirect:
    """To the file as a download."""
    return _to(pages.FILE, _file(request, pk))


@desk_view
@require_safe
def picture(request: AgentRequest, pk: int) -> HttpResponseRedirect:
    """To the picture itself; to a drawn one where the file is none, or is gone."""
    row = _file(request, pk)
    try:
        is_picture = bool(kind_of_picture(row))
    except Http404:
        is_picture = False
    return _to(pages.PICTURE, row) if is_picture else HttpResponseRedirect(static("desk/no-picture.svg"))


@desk_view
@require_safe
def sent(request: AgentRequest, pk: int) -> HttpResponse:
    """The frame in which a mail is shown as it was sent; the mail alone for a browser without a script."""
    messages = Message.objects.visible_to(request.user).exclude(html="").select_related("ticket")
    message = get_object_or_404(messages.only("pk", "ticket__brand"), pk=pk)
    where = pages.address(pages.MAIL, brand=message.ticket.brand_id, subject=message.pk)
    if not request.htmx:
        return redirect(where)
    return render(request, "desk/_sent.html", {"where": where})


@desk_view
@require_safe
def words(request: AgentRequest, pk: int) -> HttpResponse:
    """All that a message says, as plain text that a browser only shows."""
    text = get_object_or_404(Message.objects.visible_to(request.user), pk=pk).text
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Security-Policy"] = pages.RUNS_NOTHING
    return response


def _file(request: AgentRequest, pk: int) -> Any:
    return get_object_or_404(Attachment.objects.visible_to(request.user).with_brand(), pk=pk)


def _to(purpose: str, row: Any) -> HttpResponseRedirect:
    where = pages.address(purpose, brand=row.of_brand, subject=row.pk)
    response = HttpResponseRedirect(where)
    response["Cache-Control"] = "no-store"
    return response
