"""What came with messages, handed out as it is: files as downloads, the whole words of a long mail as plain text."""

from __future__ import annotations

import logging

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from desk.access import AgentRequest, desk_view
from tickets.models import Attachment, Message

log = logging.getLogger(__name__)


@desk_view
@require_safe
def attachment(request: AgentRequest, pk: int) -> FileResponse:
    """The file as a download; whatever type it claims, a browser does not run it."""
    row = get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk)
    try:
        content = row.file.open("rb")
    except FileNotFoundError:
        log.error("the file of attachment %s is gone: %s", row.pk, row.file.name)
        raise Http404 from None
    name = "".join(
        sign for sign in row.name if sign.isprintable()
    )  # no line ends, no marks that turn words round
    response = FileResponse(
        content, as_attachment=True, filename=name, content_type="application/octet-stream"
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@desk_view
@require_safe
def words(request: AgentRequest, pk: int) -> HttpResponse:
    """All that a message says, as plain text that a browser only shows."""
    text = get_object_or_404(Message.objects.visible_to(request.user), pk=pk).text
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
