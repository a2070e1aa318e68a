"""The production settings, with the floor's addresses and templates, and one connection for the whole measurement."""

from contactcenter.settings import *  # noqa: F403
from contactcenter.settings import BASE_DIR, DATABASES, TEMPLATES

ROOT_URLCONF = "bench.floor.urls"
TEMPLATES[0]["DIRS"] = [BASE_DIR / "templates", BASE_DIR / "bench" / "floor" / "templates"]
# A new connection is a new backend: what the old one had used would be lost in the middle of a round.
DATABASES["default"]["CONN_MAX_AGE"] = None
