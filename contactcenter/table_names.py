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
from django.utils.translation import pgettext_lazy

ROOMS = ("contactcenter", "agents", "customers", "loyalty", "tickets", "goodwill", "callbacks")


CONTEXT = "table"  # the same words may mean something else on a page
NAMES: set[str] = (
    set()
)  # all that no model has marked for translation itself, filled when the house is set up


def say_in_the_readers_language() -> None:
    """Look each name up when it is shown; what migrations know of the models stays as it is."""
    for owner, name in list(_places()):
        english = str(getattr(owner, name))
        NAMES.add(english)
        setattr(owner, name, pgettext_lazy(CONTEXT, english))


def _places() -> Iterator[tuple[Any, str]]:
    """Where a name stands that is plain English, or Django's plural of one."""
    for model in _models():
        options = model._meta
        if not isinstance(options.verbose_name, Promise):
            yield options, "verbose_name"
            if "verbose_name_plural" not in options.original_attrs:
                yield options, "verbose_name_plural"
        if not isinstance(options.verbose_name_plural, Promise):
            yield options, "verbose_name_plural"
        for field in options.local_fields + options.local_many_to_many:
            if not isinstance(field.verbose_name, Promise):
                yield field, "verbose_name"


def _models() -> Iterator[type[Model]]:
    for room in ROOMS:
        yield from apps.get_app_config(room).get_models()
