"""The signing key of an installation that was given none: made once, kept in a file only we can read."""

import os
import secrets
from pathlib import Path


def kept_in(path: Path) -> str:
    """The key in the file at `path`; the first to ask makes it (two at once agree on one)."""
    try:
        return path.read_text()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    own = path.with_name(f"{path.name}.{os.getpid()}")
    own.touch(mode=0o600)
    own.write_text(secrets.token_urlsafe(64))
    try:
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        own.unlink()
    return path.read_text()
