"""The admin's site: every page asks twice which tables its reader may open, and we look through them once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite


class Site(UnfoldAdminSite):
    """The package's own, with the list of tables kept for the rest of a request."""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        kept: dict[str | None, list[dict[str, Any]]] = request.__dict__.setdefault("tables_of_rooms", {})
        if app_label not in kept:
            kept[app_label] = super().get_app_list(request, app_label)
        # Whoever searches shortens the lists that they are given.
        return [{**room, "models": [*room["models"]]} for room in kept[app_label]]
