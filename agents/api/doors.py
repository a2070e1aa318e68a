"""Who comes in to the API, how far, and how often."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.core.cache import caches
from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from rest_framework import exceptions, throttling
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from agents import services
from agents.models import Agent, Token
from agents.scopes import READING
from contactcenter import clock

DESK = "tickets.work_ticket"  # what opens the desk opens the API


class TokenDoor(TokenAuthentication):
    """`Authorization: Bearer …`: a token that is neither expired nor revoked, of an agent who is active."""

    def authenticate_credentials(self, token: bytes) -> tuple[Agent, Token]:
        at = clock.now()
        try:
            usable = Token.objects.usable(at).of_secret(token.decode("ascii"))
        except UnicodeDecodeError:
            raise exceptions.AuthenticationFailed(self.wrong) from None
        # Looked up by its digest: whoever guesses learns nothing from the time it takes.
        found = usable.select_related("user").first()
        if found is None:
            raise exceptions.AuthenticationFailed(self.wrong)
        services.note_use(found, at=at)
        return found.user, found

    wrong = _("This token is unknown, expired or revoked.")


class SessionDoor(SessionAuthentication):
    """Whoever is signed in to the desk may read what they see there; deeds want a token."""


def scopes_of(request: Request) -> frozenset[str]:
    """What this request may be about: the scopes of its token, of a session all that only read."""
    return frozenset(request.auth.scopes) if isinstance(request.auth, Token) else READING


class MayUse(BasePermission):
    """The desk's own door, and the scope of the room: `customers:read` to look, `customers:write` to do."""

    def has_permission(self, request: Request, view: Any) -> bool:
        method = str(request.method)
        if not request.user.is_authenticated:
            return False
        if method not in view.allowed_methods:
            raise exceptions.MethodNotAllowed(method)
        if not request.user.has_perm(DESK):
            return False
        scope = f"{view.scope}:{'read' if method in SAFE_METHODS else 'write'}"
        if scope not in scopes_of(request):
            raise exceptions.PermissionDenied(_("This wants a token with the scope “%s”.") % scope)
        return True


class Throttle(throttling.SimpleRateThrottle):
    """So often may one token, or one agent's session, come: API_RATE in each process."""

    cache = cast(Any, caches["throttle"])
    scope = "api"

    def get_rate(self) -> str:
        return settings.API_RATE

    def get_cache_key(self, request: Request, view: Any) -> str:
        who = f"token:{request.auth.pk}" if isinstance(request.auth, Token) else f"agent:{request.user.pk}"
        return f"api:{who}"


class TillThrottle(Throttle):
    """So often may one of them try a voucher's code: VOUCHER_RATE in each process, on top of API_RATE."""

    def get_rate(self) -> str:
        return settings.VOUCHER_RATE

    def get_cache_key(self, request: Request, view: Any) -> str:
        return f"till:{super().get_cache_key(request, view)}"
