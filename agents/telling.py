"""How agents are told of what they have not asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from agents import roles
from agents.models import Agent, Brand, Notification


def notify(
    agents: Iterable[Agent], *, brand_id: int, kind: str, subject: str, key: str, at: datetime, **data: Any
) -> None:
    """Tell each of `agents` once, whatever happens again: `key` names the occasion, `data` holds codes and figures."""
    told = [
        Notification(brand_id=brand_id, agent=agent, kind=kind, subject=subject, key=key, at=at, data=data)
        for agent in agents
    ]
    Notification.objects.bulk_create(told, ignore_conflicts=True)


def read(agent: Agent, *, up_to: int, at: datetime) -> int:
    """Mark what `agent` was told up to the notification of id `up_to` as read; how many those were."""
    return Notification.objects.filter(agent=agent, pk__lte=up_to).unread().update(read_at=at)


def supervisors_of(brand: Brand) -> list[Agent]:
    """Who answers for a brand's tickets besides those who work them."""
    return list(Agent.objects.serving(brand).filter(groups__name=roles.SUPERVISOR).distinct().order_by("pk"))
