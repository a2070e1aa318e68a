"""Secrets: given by the environment, there or in a file it names; the signing key of a demo makes itself."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def given(name: str) -> str:
    """The environment's NAME, or what the file NAME_FILE holds (ends of lines cut); "" where neither is given.

    Raises ImproperlyConfigured when both are given, or when the file cannot be read or is empty.
    """
    value, path = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    if not path:
        return value
    if value:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both given: keep one of them.")
    try:
        content = Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "") or "it is no text"
        raise ImproperlyConfigured(f"{name}_FILE={path} cannot be read: {why}.") from error
    if not content:
        raise ImproperlyConfigured(f"{name}_FILE={path} is empty.")
    return content


def signing_key(kept: Path, *, production: bool) -> str:
    """SECRET_KEY as given; without one a demo keeps its own in the file `kept`, and production is refused.

    Raises ImproperlyConfigured in production: several machines would each make another key.
    """
    key = given("SECRET_KEY")
    if not key and production:
        raise ImproperlyConfigured(
            "HTTPS=true is a production desk, and it has no signing key: give SECRET_KEY or SECRET_KEY_FILE."
        )
    return key or kept_in(kept)


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
