"""The rooms of the house from the ground up, and the tables that stand in them."""

from __future__ import annotations

from django.apps import apps
from django.db import models

LEVEL = {"agents": 0, "customers": 1, "loyalty": 2, "tickets": 3, "goodwill": 4, "callbacks": 4, "desk": 5}


def our_models() -> list[type[models.Model]]:
    """Every table of ours."""
    return [model for model in apps.get_models() if model._meta.app_label in LEVEL]
