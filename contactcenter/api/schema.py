"""How the API describes itself: OpenAPI 3, with every status that an endpoint may answer."""

from __future__ import annotations

import functools
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from contactcenter.api.problems import MEDIA_TYPE

ALWAYS = {
    401: "No token, or one that is unknown, expired or revoked.",
    403: "The agent, or the token's scopes, do not allow this.",
    429: "Too many requests; `Retry-After` says how many seconds to wait.",
    503: "The database is away, or a deed stood in the way of this one: ask again.",
}
LIST = {400: "A filter, a cursor or a limit does not fit."}
ASKED = {
    400: "A parameter does not fit.",
    409: "Refused for the reason in `code`.",
    422: "It fits, but makes no sense: something named is unknown.",
}
ONE = {404: "There is no such row, or it belongs to a brand the agent does not serve."}
DEED = {
    400: "The body does not fit this description, or the Idempotency-Key is missing or malformed.",
    409: "Refused for the reason in `code`; or the same request is being worked on (`in_flight`).",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "It fits, but makes no sense: something named is unknown, or the key came with another request.",
}
PROBLEM = {
    "type": "object",
    "description": "An error as in RFC 9457.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Always about:blank; `code` tells what it is."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "For machines: over_limit, key_conflict, invalid …"},
        "detail": {"type": "string", "description": "For people."},
        "details": {"type": "object", "additionalProperties": True, "description": "Figures of a refusal."},
        "errors": {
            "type": "array",
            "description": "What does not fit, one by one.",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
            },
        },
    },
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
    "description": "A key of your own for this deed: a repeat under it is told the first answer.",
}
TEXT = {"type": "string"}
FILTER = TEXT | {"pattern": "\\S"}  # one without a value is refused
REPLAYED = {
    "schema": {"type": "string", "enum": ["true"]},
    "description": "This was done before; here is what was answered then.",
}


class Schema(AutoSchema):
    """The description of one operation, with the errors all of them share."""

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Any:
        operation = super().get_operation(path, path_regex, path_prefix, method, registry)
        if operation is None:
            return None
        errors = dict(ALWAYS)
        if "{" in path:
            errors |= ONE
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query" and parameter["name"] != "cursor" and parameter["schema"] == TEXT:
                parameter["schema"] = FILTER
        if method == "POST":
            errors |= DEED
            operation.setdefault("parameters", []).append(KEY)
        elif self._is_list_view():
            errors |= LIST
        elif getattr(self.view, "asks", ()):
            errors |= ASKED
        for status, why in sorted(errors.items()):
            operation["responses"][str(status)] = _problem(why)
        for done in ("200", "201") if method == "POST" else ():
            if done in operation["responses"]:
                operation["responses"][done]["headers"] = {"Idempotency-Replayed": REPLAYED}
        return operation


def _problem(why: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": why, "content": content}


def with_problems(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Add the shape of an error; a body has no other fields than those described, an answer has all of them."""
    schemas = result["components"]["schemas"]
    for name, schema in schemas.items():
        if name.endswith("Request"):
            schema["additionalProperties"] = False
        elif "properties" in schema:
            schema["required"] = sorted(schema["properties"])
    schemas["Problem"] = PROBLEM
    return result


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "agents.api.doors.TokenDoor"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "agents.api.doors.SessionDoor"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "Reading only."}


@functools.cache
def description() -> bytes:
    """The whole description as JSON; written once a process, for it takes a while."""
    return json.dumps(SchemaGenerator().get_schema(request=None, public=True)).encode()


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The description. It tells nothing of any customer and is open to all."""
    return HttpResponse(description(), content_type="application/json")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The description to read and try out, from files of our own."""
    return render(request, "api/docs.html")
