"""How a request is read: one kind of JSON, of a bounded size and depth. The settings name what stands here."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser


class TooLarge(exceptions.APIException):
    status_code = 413
    default_detail = gettext_lazy("This is more than a request may bring.")
    default_code = "too_large"


class Json(JSONParser):
    """JSON, not nested deeper than Python can follow."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise exceptions.ParseError(_("JSON parse error - nested too deep.")) from None


class AlwaysJson(DefaultContentNegotiation):
    """There is one way to answer, whatever the client would like."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
