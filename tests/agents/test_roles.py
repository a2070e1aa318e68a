from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission

from agents import roles
from tests import make


def test_the_groups_in_the_database_are_the_roles_of_the_house(db: None) -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(roles.PERMISSIONS)


@pytest.mark.parametrize("role", roles.PERMISSIONS)
def test_a_group_may_do_what_its_role_says_and_nothing_else(db: None, role: str) -> None:
    held = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    assert {f"{label}.{codename}" for label, codename in held} == set(roles.PERMISSIONS[role])


def test_every_permission_of_a_role_exists(db: None) -> None:
    known = {
        f"{label}.{codename}"
        for label, codename in Permission.objects.values_list("content_type__app_label", "codename")
    }
    assert {name for names in roles.PERMISSIONS.values() for name in names} <= known


def test_no_role_deletes_anything() -> None:
    assert not [name for names in roles.PERMISSIONS.values() for name in names if ".delete_" in name]


@pytest.mark.parametrize(
    ("role", "adjusts", "grants"),
    [
        ("agent", False, True),
        ("supervisor", True, True),
        ("administrator", True, True),
        ("integration", False, True),
    ],
)
def test_who_may_move_points(db: None, role: str, adjusts: bool, grants: bool) -> None:
    agent = make.make_agent(role=role)
    assert agent.has_perm("loyalty.adjust_points") is adjusts
    assert agent.has_perm("goodwill.grant_goodwill") is grants
