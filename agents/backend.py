"""Who is signed in, what they may do and for which brands, asked in one question: every page needs all three."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from agents.models import Agent


class Backend(AuthenticationBackend):
    """Signs in like the package it stands on; brands and rights, of roles and their own, come with the person."""

    def get_user(self, user_id: int) -> Agent | None:
        """The agent of a session with all rights; None for who is gone or may not sign in any more."""
        agent = _with_rights(user_id)
        return agent if agent and self.user_can_authenticate(agent) else None

    def get_all_permissions(self, user_obj: Any, obj: object | None = None) -> set[str]:
        """Codes such as `tickets.work_ticket`; of an agent who was loaded otherwise asked once and kept."""
        if not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser or obj is not None:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "by_role"):
            known = _with_rights(user_obj.pk)
            user_obj.by_role, user_obj.in_person = (known.by_role, known.in_person) if known else ([], [])
        return {*user_obj.by_role, *user_obj.in_person}


def _with_rights(pk: int) -> Any:
    """The agent of this key with the codes of all they may do, `by_role` and `in_person`, and the brands they serve."""
    given: Any = Agent.groups.through.objects, "group__permissions"
    own: Any = Agent.user_permissions.through.objects, "permission"
    brands = Agent.brands.through.objects.filter(agent=OuterRef("pk"))
    known = Agent.objects.annotate(
        by_role=ArraySubquery(_codes(*given)),
        in_person=ArraySubquery(_codes(*own)),
        served=ArraySubquery(brands.values("brand")),
    )
    return known.filter(pk=pk).first()


def _codes(rows: Any, permission: str) -> QuerySet[Any]:
    named = rows.filter(agent=OuterRef("pk"), **{f"{permission}__isnull": False})
    code = Concat(f"{permission}__content_type__app_label", Value("."), f"{permission}__codename")
    return named.values_list(code, flat=True)
