"""The names of tables and columns, as the admin shows them: English from the models, other languages from a catalogue.

`manage.py table_names` brings the catalogues under `locale/tables/` up to the models; they are kept apart from
`locale/`, whose strings stand in source files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

ROOMS = ("contactcenter", "agents", "customers", "loyalty", "tickets", "goodwill", "callbacks")


NAMES: set[str] = (
    set()
)  # all that no model has marked for translation itself, filled when the house is set up


def say_in_the_readers_language() -> None:
    """Look each name up when it is shown; what migrations know of the models stays as it is."""
    for owner, name in _places():
        english = getattr(owner, name)
        if not isinstance(english, Promise):
            NAMES.add(str(english))
            setattr(owner, name, gettext_lazy(str(english)))


def _places() -> Iterator[tuple[Any, str]]:
    for model in _models():
        yield model._meta, "verbose_name"
        yield model._meta, "verbose_name_plural"
        for field in model._meta.local_fields + model._meta.local_many_to_many:
            yield field, "verbose_name"


def _models() -> Iterator[type[Model]]:
    for room in ROOMS:
        yield from apps.get_app_config(room).get_models()
