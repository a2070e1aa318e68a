"""What the building itself writes down."""

from __future__ import annotations

from django.db import models

from contactcenter.live import Event

__all__ = ["Event", "Pulse"]


class Pulse(models.Model):
    """When the clock last reached a worker: one row, written over every few seconds."""

    name = models.CharField(max_length=20, primary_key=True, help_text="What showed life.")
    at = models.DateTimeField(help_text="When it last did.")

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"
