"""How far an agent reaches: nobody gives, or signs in through others to, what they do not have themselves."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from agents.models import Agent, Brand


def permissions_of(agent: Agent) -> QuerySet[Permission]:
    """What `agent` may do by role and in person, also while the sign-in is switched off."""
    return Permission.objects.filter(Q(group__user=agent) | Q(user=agent))


def roles_to_give(agent: Agent) -> QuerySet[Group]:
    """The roles that hold nothing `agent` does not hold."""
    if agent.is_superuser:
        return Group.objects.all()
    beyond = Permission.objects.exclude(pk__in=permissions_of(agent).values("pk"))
    return Group.objects.exclude(permissions__in=beyond)


def reaches(agent: Agent, other: Agent) -> bool:
    """Whether `agent` sees every brand and holds every permission of `other`, and so may change their account."""
    if agent.is_superuser:
        return True
    unseen = Brand.objects.filter(agents=other).exclude(pk__in=Brand.objects.visible_to(agent).values("pk"))
    beyond = permissions_of(other).exclude(pk__in=permissions_of(agent).values("pk"))
    return not (other.is_superuser or unseen.exists() or beyond.exists())
