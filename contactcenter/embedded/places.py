"""Where the private servers live, as which user they run, and who may start them now."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import pwd
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
POINTER = "servers-live-in"
NEEDED_BYTES = 150 * 2**20  # a fresh database with its first write-ahead log
LONGEST_SOCKET = 107  # bytes that fit a Unix socket's address


class EmbeddedError(Exception):
    """A server cannot be had; the text is one sentence that says why and what helps."""


@dataclass(frozen=True)
class Place:
    """A directory for servers, and the account they run as (None: the one that asks)."""

    home: Path
    sockets: Path
    account: pwd.struct_passwd | None

    @property
    def ids(self) -> dict[str, object]:
        """What `subprocess` needs to run something as the servers' account."""
        if self.account is None:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def own(self, path: Path) -> Path:
        """Make `path` a directory that only the servers' account may enter."""
        path.mkdir(parents=True, exist_ok=True)
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
        path.chmod(0o700)
        return path


def var_dir() -> Path:
    """The directory for everything this installation writes."""
    return Path(os.environ.get("VAR_DIR") or REPOSITORY / "var").resolve()


def place(base: Path | None = None, *, make: bool = False) -> Place:
    """Where the servers of `base` (default: var/) live.

    PostgreSQL refuses to run as root, so for root it is `nobody`; where `nobody` may not enter, everything
    lives in /var/tmp instead and a pointer file in `base` says so. With `make`, the directories exist after.
    """
    base = base.resolve() if base else var_dir()
    account = _nobody() if os.geteuid() == 0 else None
    pointer, aside = base / POINTER, _aside(base)
    if make:
        with sentences(base):
            base.mkdir(parents=True, exist_ok=True)
            _refuse_full_disk(base)
    moved = pointer.exists() or (account is not None and not open_to_others(base))
    home = aside if moved else base
    here = Place(home, _sockets(home, aside), account)
    if make:
        with sentences(home):
            _make(here, base, aside)
    return here


def _make(here: Place, base: Path, aside: Path) -> None:
    if here.home == aside:
        (base / POINTER).write_text(f"{aside}\n")
    if aside in (here.home, here.sockets.parent):
        _take_private(here, aside)
        _refuse_full_disk(aside)
    here.own(here.sockets)


def start_over(here: Place) -> None:
    """Delete the servers' data; the next start begins anew."""
    for name in ("postgres", "redis"):
        shutil.rmtree(here.home / name, ignore_errors=True)


@contextmanager
def locked() -> Iterator[None]:
    """Let one process at a time start or stop the servers of one `VAR_DIR`."""
    base = var_dir()
    with sentences(base):
        base.mkdir(parents=True, exist_ok=True)
        handle = (base / "servers.lock").open("a")
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def sentences(where: Path) -> Iterator[None]:
    """Turn the errors a person can mend into one sentence each."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            raise EmbeddedError(
                f"{error.filename or where} belongs to another user: run this as that user, or set VAR_DIR "
                "to a directory of your own."
            ) from error
        # Copying a whole tree reports its errors as one text, without a number.
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS) or "No space left" in str(error):
            raise EmbeddedError(full_disk(where)) from error
        raise


def open_to_others(path: Path) -> bool:
    """Whether an account that owns nothing may enter `path`, as far as it exists already."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents) if step.exists())


def _nobody() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            "PostgreSQL does not run as root and this machine has no user `nobody`: "
            "run this as an ordinary user, or set DATABASE_URL."
        ) from None


def _aside(base: Path) -> Path:
    return Path("/var/tmp") / f"loyalty-desk-{hashlib.sha256(os.fsencode(base)).hexdigest()[:12]}"  # noqa: S108


def _sockets(home: Path, aside: Path) -> Path:
    """A directory whose sockets have short addresses that need no quoting in any URL or setting."""
    near = home / "sockets"
    short = len(os.fsencode(near / ".s.PGSQL.5432")) <= LONGEST_SOCKET
    plain = re.fullmatch(r"[A-Za-z0-9/._-]+", str(near))
    return near if short and plain else aside / "sockets"


def _take_private(here: Place, aside: Path) -> None:
    """Make `aside` ours alone; /var/tmp is everybody's, so a directory made by somebody else is refused."""
    owner = here.account.pw_uid if here.account else os.getuid()
    if aside.is_symlink() or (aside.exists() and aside.stat().st_uid not in (owner, os.getuid())):
        raise EmbeddedError(
            f"{aside} belongs to somebody else: remove it, or set VAR_DIR to another directory."
        )
    here.own(aside)


def _refuse_full_disk(path: Path) -> None:
    if shutil.disk_usage(path).free < NEEDED_BYTES and not (path / "postgres" / "PG_VERSION").exists():
        raise EmbeddedError(full_disk(path))


def full_disk(path: Path) -> str:
    """The sentence for a disk without room."""
    return (
        f"The disk of {path} has no room for a database: free {NEEDED_BYTES // 2**20} MB, "
        "or set VAR_DIR to a directory on another disk."
    )
