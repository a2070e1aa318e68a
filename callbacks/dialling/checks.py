"""What is wrong with the diallers that this installation names, said before it serves anybody."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from callbacks.dialling import DIALLERS

NAMED_BY = {
    "sip": ("SIP_RPC", "SIP_DOMAIN"),
    "rest": ("VOICE_REST", "VOICE_REST_ACCOUNT", "VOICE_REST_TOKEN", "VOICE_FROM"),
}


@register()
def diallers(**_kwargs: Any) -> list[CheckMessage]:
    """A dialler of which something is set must be set up wholly."""
    named = [kind for kind, names in NAMED_BY.items() if any(getattr(settings, name) for name in names)]
    return [
        Error(f"{name} is missing or makes no sense.", hint=hint, id="callbacks.E001")
        for kind in named
        for name, hint in DIALLERS[kind].faults().items()
    ]


@register(Tags.security)
def token_in_clear(**_kwargs: Any) -> list[CheckMessage]:
    """The token of a telephone service goes over TLS only, at least from a production desk."""
    if not settings.HTTPS or urlsplit(settings.VOICE_REST).scheme != "http":
        return []
    hint = "VOICE_REST=https://…"
    return [
        Error("VOICE_REST would send the token of its account in the clear.", hint=hint, id="callbacks.E002")
    ]
