"""The short wire between the processes: Redis, which may be gone at any time, and then nothing waits for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings

log = logging.getLogger(__name__)

CHANNEL = "live"
LOOK = "look"  # there is something new to read
OUT = "out"  # with an agent: signed out
LOOKS = "looks"  # with a brand and a ticket: somebody else looks at it, or types
PATIENCE_SECONDS = 0.2  # that a page may wait
REST_SECONDS = 5.0  # after a failure nothing is tried for so long


class _Wire:
    """What this process remembers of its Redis."""

    rests_until = 0.0  # on the monotonic clock
    client: redis.Redis | None = None
    url = ""


def ask(question: Callable[[Any], Any], *, otherwise: Any) -> Any:
    """What `question` gives when it is handed the client; `otherwise` while there is no Redis."""
    if time.monotonic() < _Wire.rests_until:
        return otherwise
    try:
        return question(_client())
    except (redis.RedisError, OSError) as error:
        _Wire.rests_until = time.monotonic() + REST_SECONDS
        log.warning("no Redis, the screens ask by themselves: %s", error)
        return otherwise


def publish(word: str) -> None:
    """Tell every stream."""
    ask(lambda client: client.publish(CHANNEL, word), otherwise=0)


def _client() -> redis.Redis:
    if _Wire.client is None or _Wire.url != settings.REDIS_URL:
        _Wire.url = settings.REDIS_URL
        _Wire.client = redis.Redis.from_url(
            _Wire.url,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            decode_responses=True,
        )
    return _Wire.client
