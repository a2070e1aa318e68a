"""Templates are indented for who reads them here, and sent without."""

from __future__ import annotations

import re

from django.template import Origin
from django_cotton.cotton_loader import Loader as CottonLoader  # type: ignore[import-untyped]

INDENT = re.compile(r"\n[ \t]+")


class Loader(CottonLoader):
    """Reads components (<c-…>), and takes the indentation of the desk's own pages: a twentieth of what they weigh.

    Lines stay lines. No page of the desk holds text whose spaces count; letters and other rooms' pages are left alone.
    """

    def get_contents(self, origin: Origin) -> str:
        content: str = super().get_contents(origin)
        if "/templates/desk/" in origin.name.replace("\\", "/"):
            return INDENT.sub("\n", content)
        return content
