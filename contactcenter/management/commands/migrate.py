"""`migrate` as Django does it, in a third of the time: a new check, index or plain field renders no model anew."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED

RARELY = 100_000  # new objects between two looks for garbage


class Executor(MigrationExecutor):
    """Django's own, but for how it follows the models from one step to the next, forwards."""

    def _migrate_all_forwards(self, *args: Any, **options: Any) -> Any:
        with noted_in_place(), rarely_tidied():
            theirs: Any = super()
            return theirs._migrate_all_forwards(*args, **options)


class Command(migrate.Command):
    """Django's own, with the executor above."""

    def handle(self, *args: Any, **options: Any) -> None:
        module: Any = migrate
        module.MigrationExecutor = Executor
        try:
            super().handle(*args, **options)
        finally:
            module.MigrationExecutor = MigrationExecutor


@contextmanager
def noted_in_place() -> Iterator[None]:
    """Let a new check, index or plain field be noted in the model it is for.

    Django builds that model and all its neighbours again, forty classes for each of our 500 such steps. On
    PostgreSQL none of them asks what the model was before; and the way back, which does, goes as Django goes.
    """
    state: Any = ProjectState
    theirs = state._append_option, state.add_field
    state._append_option, state.add_field = _append_option, _field_adder(theirs[1])
    try:
        yield
    finally:
        state._append_option, state.add_field = theirs


def _append_option(state: Any, app_label: str, model_name: str, option_name: str, new: Any) -> None:
    options = state.models[app_label, model_name].options
    options[option_name] = [*options[option_name], new]
    if "apps" in state.__dict__:
        meta = state.apps.get_model(app_label, model_name)._meta
        setattr(meta, option_name, meta._format_names(options[option_name]))
        meta.original_attrs[option_name] = options[option_name]
        meta._expire_cache()


def _field_adder(theirs: Callable[..., None]) -> Callable[..., None]:
    def add_field(
        state: Any, app_label: str, model_name: str, name: str, field: Any, preserve_default: bool
    ) -> None:
        if field.is_relation or "apps" not in state.__dict__:
            theirs(state, app_label, model_name, name, field, preserve_default)
            return
        kept = field.clone()
        if not preserve_default:
            kept.default = NOT_PROVIDED
        state.models[app_label, model_name].fields[name] = kept
        kept.clone().contribute_to_class(state.apps.get_model(app_label, model_name), name)

    return add_field


@contextmanager
def rarely_tidied() -> Iterator[None]:
    """Look for garbage less often: there is little, and every look goes through all models."""
    before = gc.get_threshold()
    gc.set_threshold(RARELY, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
