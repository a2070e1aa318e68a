"""Files that came with messages: handed out as they are, never opened inside our pages."""

from __future__ import annotations

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from desk.access import AgentRequest, desk_view
from tickets.models import Attachment


@desk_view
@require_safe
def attachment(request: AgentRequest, pk: int) -> FileResponse:
    """The file as a download; whatever type it claims, a browser does not run it."""
    row = get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk)
    response = FileResponse(
        row.file.open("rb"), as_attachment=True, filename=row.name, content_type="application/octet-stream"
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
