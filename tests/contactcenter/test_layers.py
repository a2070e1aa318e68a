from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from tests.contactcenter.rooms import LEVEL, our_models

FOREIGN = {"auth", "contenttypes"}  # what an agent stands on: groups and permissions


def stands_above(model: type[models.Model], other: type[models.Model]) -> bool:
    here, there = model._meta.app_label, other._meta.app_label
    return here == there or there in FOREIGN or LEVEL[there] < LEVEL[here]


def relations(model: type[models.Model]) -> list[tuple[str, type[models.Model]]]:
    fields = [*model._meta.get_fields(include_hidden=True)]
    own = [field for field in fields if field.is_relation and not field.auto_created and field.related_model]
    return [(f"{model.__name__}.{field.name}", field.related_model) for field in own]


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_key_points_down(model: type[models.Model]) -> None:
    upward = [name for name, other in relations(model) if not stands_above(model, other)]
    assert upward == []


def test_control_a_key_that_points_up_is_seen() -> None:
    entry, ticket = apps.get_model("loyalty.Entry"), apps.get_model("tickets.Ticket")
    request, callback = apps.get_model("goodwill.Request"), apps.get_model("callbacks.Callback")
    assert not stands_above(entry, ticket)
    assert stands_above(ticket, entry)
    assert not stands_above(request, callback)  # side by side they do not know each other


def test_every_room_with_tables_has_its_level() -> None:
    ours = {config.label for config in apps.get_app_configs() if "site-packages" not in config.path}
    assert ours - {"contactcenter"} == set(LEVEL)
    assert not list(apps.get_app_config("desk").get_models())


def test_no_key_is_generic_and_no_table_inherits_another() -> None:
    for model in our_models():
        assert not model._meta.private_fields, model
        assert not model._meta.parents, model
