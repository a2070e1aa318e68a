"""What is wrong with the settings of this installation, said before it serves anybody."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from contactcenter import embedded

AT_LEAST_ONE = ("MAIL_MAX_BYTES", "LIVE_MAX_STREAMS", "LIVE_HEARTBEAT_SECONDS", "LIVE_SESSION_SECONDS")
ONLY_HERE = {"localhost", "127.0.0.1", "[::1]"}


@register()
def knobs(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse values that cannot be meant."""
    wrong = [name for name in AT_LEAST_ONE if getattr(settings, name) <= 0]
    found: list[CheckMessage] = [Error(f"{name} must be above 0.", id="contactcenter.E001") for name in wrong]
    if settings.DATABASE_POOLER not in ("", "transaction"):
        found.append(
            Error(
                f"DATABASE_POOLER={settings.DATABASE_POOLER} is unknown.",
                hint='Say "transaction" where PgBouncer stands between, else leave it out.',
                id="contactcenter.E002",
            )
        )
    return found


@register(Tags.security)
def production(**_kwargs: Any) -> list[CheckMessage]:
    """With HTTPS=true the desk is meant for others: it must know its name, and keep its errors to itself."""
    if not settings.HTTPS:
        return []
    found: list[CheckMessage] = []
    if "*" in settings.ALLOWED_HOSTS or set(settings.ALLOWED_HOSTS) == ONLY_HERE:
        found.append(
            Error(
                "HTTPS=true without a host name of its own.",
                hint="Name it: ALLOWED_HOSTS=desk.example.com",
                id="contactcenter.E003",
            )
        )
    found += [
        Error(
            f"HTTPS=true without {name}.",
            hint=f"Name the server: {name} or {name}_FILE. The private one under VAR_DIR is a demo's.",
            id="contactcenter.E006",
        )
        for name in embedded.unnamed()
    ]
    if settings.DEMO:
        hint = "Leave DEMO out: it opens the customers' mail to everybody."
        found.append(
            Error("HTTPS=true and DEMO=true exclude each other.", hint=hint, id="contactcenter.E005")
        )
    if settings.DEBUG:
        found.append(Error("HTTPS=true and DEBUG=true exclude each other.", id="contactcenter.E004"))
    return found


@register(Tags.security, deploy=True)
def letters(**_kwargs: Any) -> list[CheckMessage]:
    """Without a mail server letters are files that nobody reads."""
    if settings.EMAIL_URL or not settings.HTTPS:
        return []
    hint = "EMAIL_URL=smtp+tls://user:password@mail.example.com:587"
    return [Warning("No mail server: replies stay under VAR_DIR/mail.", hint=hint, id="contactcenter.W001")]
