"""Starting a server that outlives us, and seeing whether it still runs."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from contactcenter.embedded.places import Place

_children: list[subprocess.Popen[bytes]] = []


def launch(command: list[str], here: Place, log: Path) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C in our terminal does not reach it."""
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=plain_environment(),
            start_new_session=True,
            **here.ids,  # type: ignore[call-overload]
        )
    _children.append(child)
    return child


def plain_environment() -> dict[str, str]:
    """An environment in which nobody's PG… variables or locale change what a server does."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def alive(pid: int) -> bool:
    """Whether the process runs; a child of ours that has ended is reaped and counts as gone."""
    for child in _children:
        if child.pid == pid and child.poll() is not None:
            _children.remove(child)
            return False
    try:
        os.kill(pid, 0)
    except OSError:  # gone, or it belongs to an account that none of our servers runs as
        return False
    return True


def command_line(pid: int) -> str:
    """The command a process was started with, or nothing where it cannot be known."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        pass
    answer = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)  # noqa: S603, S607
    return answer.stdout


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Ask every few milliseconds until `done` or the time is over; the last answer."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
