"""Django's collectstatic; it always writes names with a digest, and with them the manifest that settings look for."""

from typing import Any

from django.contrib.staticfiles.management.commands import collectstatic
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class Command(collectstatic.Command):
    """The first run cannot use the storage of the settings: they choose it by the manifest of an earlier run."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = CompressedManifestStaticFilesStorage()
