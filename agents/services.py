"""Deeds on tokens and on the answers that the API keeps: the only writers of both."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from agents import reach, roles
from agents.models import Agent, Answer, Token
from agents.scopes import SCOPES
from contactcenter import clock
from contactcenter.errors import Refused

CLEARED_AT_ONCE = 1000
LONGEST_DAYS = 3650  # of a token that has an end
USED_AGAIN_AFTER = timedelta(
    minutes=1
)  # so exactly is told when a token came last; a write a request is dear


def issue_token(
    agent: Agent, *, name: str, scopes: Collection[str], days: int | None = None, by: Agent | None = None
) -> tuple[Token, str]:
    """A new token of `agent` for `scopes`, good for `days` (None: until revoked), and its secret, told only here.

    `by` is who makes it, None from the command line. Refused: `not_allowed` for an agent beyond `by`'s reach or
    without the right, `of_a_colleague`, `unknown_scope`, `no_scope`, `out_of_range`.
    """
    if by is not None:
        _expect_reach(by, agent, "agents.add_token")
        if agent != by and agent.role != roles.INTEGRATION:  # else `by` could act in a colleague's name
            raise Refused("of_a_colleague", _("A token is made for an integration, or for yourself."))
    if strange := sorted(set(scopes) - set(SCOPES)):
        raise Refused("unknown_scope", _("There is no scope “%s”.") % ", ".join(strange))
    if not scopes:
        raise Refused("no_scope", _("A token without a scope opens nothing."))
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Refused("out_of_range", _("A token lives for 1 to %d days.") % LONGEST_DAYS)
    digest, secret = get_digest_token()
    token = Token.objects.create(
        user=agent,
        digest=digest,
        token_key=secret[: CONSTANTS.TOKEN_KEY_LENGTH],
        expiry=clock.now() + timedelta(days=days) if days is not None else None,
        name=name.strip()[:80] or _("unnamed"),
        scopes=sorted(set(scopes)),
        issued_by=by,
    )
    return token, secret


def revoke_token(token: Token, *, by: Agent, at: datetime | None = None) -> Token:
    """Let `token` open nothing any more, for good; who and when is kept, of the first time. Refused: `not_allowed`."""
    _expect_reach(by, token.user, "agents.change_token")
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at or clock.now(), revoked_by=by)
    token.refresh_from_db()
    return token


CALENDAR = "calendar"  # no scope of the API: a token with it opens a calendar, and nothing else


@transaction.atomic
def renew_calendar(agent: Agent, *, at: datetime | None = None) -> Token:
    """A token by which other programs read an agent's own calendar, asked for by that agent; earlier ones end.

    Nobody learns its secret: the address that is made of it is signed instead.
    """
    at = at or clock.now()
    end_calendar(agent, at=at)
    digest, secret = get_digest_token()
    return Token.objects.create(
        user=agent, digest=digest, token_key=secret[: CONSTANTS.TOKEN_KEY_LENGTH], expiry=None, created=at,
        name=_("Calendar"), scopes=[CALENDAR], issued_by=agent,
    )  # fmt: skip


def end_calendar(agent: Agent, *, at: datetime | None = None) -> int:
    """Let the address of an agent's calendar open nothing any more; how many there were."""
    open_ones = Token.objects.filter(user=agent, scopes=[CALENDAR], revoked_at=None)
    return open_ones.update(revoked_at=at or clock.now(), revoked_by=agent)


def note_use(token: Token, *, at: datetime) -> None:
    """Remember that `token` came at `at`; to the minute."""
    if token.last_used_at is None or token.last_used_at < at - USED_AGAIN_AFTER:
        Token.objects.filter(pk=token.pk).update(last_used_at=at)


def forget_answers(*, at: datetime | None = None) -> int:
    """Clear away up to 1,000 answers older than API_ANSWERS_LIVE_HOURS; gives how many went."""
    until = (at or clock.now()) - timedelta(hours=settings.API_ANSWERS_LIVE_HOURS)
    old = Answer.objects.filter(created_at__lt=until).order_by("created_at").values("pk")[:CLEARED_AT_ONCE]
    return Answer.objects.filter(pk__in=old)._raw_delete(using="default")


def _expect_reach(by: Agent, agent: Agent, permission: str) -> None:
    """Nobody makes or breaks a key to more than they have themselves."""
    if not (by.has_perm(permission) and reach.reaches(by, agent)):
        raise Refused("not_allowed", _("Your role does not allow this."))
