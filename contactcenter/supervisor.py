"""Runs the processes of the table in the foreground: names their lines, restarts what dies, stops all."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from contactcenter.embedded import EmbeddedError
from contactcenter.processes import DEMO, Process, run_in

STOP_SECONDS = 15  # a worker may finish the task in its hands
LONGEST_PAUSE = 30  # seconds between two restarts
GIVE_UP_AFTER = 5  # starts in a row without ever being ready
TEND_SECONDS = 2  # between two looks at the servers below


LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # Linux, <sys/prctl.h>


class Address(NamedTuple):
    """Where the web listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """What a browser on this machine opens."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


class Child:
    """One process of the table, in a process group of its own."""

    def __init__(
        self,
        process: Process,
        address: Address,
        environment: Mapping[str, str],
        hear: Callable[[str, str], None],
    ) -> None:
        self.process = process
        self.address = address
        self.environment = dict(environment)
        self._hear = hear
        self._running: subprocess.Popen[str] | None = None
        self._said_so = threading.Event()

    def start(self) -> None:
        """Start it; every line it writes goes to `hear(name, line)`."""
        self._said_so.clear()
        places = {"python": sys.executable, "var": self.environment["VAR_DIR"], **self.address._asdict()}
        self._running = subprocess.Popen(  # noqa: S603
            self.process.arguments(**places),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
            preexec_fn=_end_with_parent,
        )
        threading.Thread(target=self._listen, args=(self._running,), daemon=True).start()

    def ready(self) -> bool:
        """Whether it has given the sign that the table names."""
        if not self.process.answers:
            return self._said_so.is_set()
        try:
            with urllib.request.urlopen(self.address.url + self.process.answers, timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._running.poll() if self._running else 0

    def ask_to_stop(self) -> None:
        """Tell its first process to finish; the children it has are its own to end."""
        if self._running and self._running.poll() is None:
            self._running.terminate()

    def wait_or_kill(self, seconds: float = STOP_SECONDS) -> None:
        """Wait for its end after it was asked, then end whatever of its group is left."""
        if not self._running:
            return
        with suppress(subprocess.TimeoutExpired):
            self._running.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """End the whole group at once, as a crash would."""
        if self._running:
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()

    def _listen(self, running: subprocess.Popen[str]) -> None:
        for line in running.stdout or ():
            if self.process.says and self.process.says in line:
                self._said_so.set()
            self._hear(self.process.name, line.rstrip())


def _end_with_parent() -> None:
    """In the child, on Linux: be told to finish when the supervisor itself was killed."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Watched:
    """A child, and what its supervisor remembers of it."""

    child: Child
    was_ready: bool = False
    failures: int = 0
    start_at: float = 0.0
    started_at: float = 0.0
    down: bool = True


def nothing_to_tend() -> list[str]:
    """Where the servers below are somebody else's."""
    return []


class Supervisor:
    """Keeps all processes of a table running until it is told to stop.

    `tend` is called every two seconds beside them and gives the names of the servers it had to start again.
    """

    def __init__(
        self,
        address: Address,
        *,
        environment: Mapping[str, str],
        table: Iterable[Process] = run_in(DEMO),
        tend: Callable[[], list[str]] = nothing_to_tend,
    ) -> None:
        self._address = address
        self._watched = [Watched(Child(process, address, environment, self.hear)) for process in table]
        self._width = max(len(watched.child.process.name) for watched in self._watched)
        self._writing = threading.Lock()
        self._stopping = threading.Event()
        self._tend = tend
        self._tending = threading.Thread(target=self._keep_tending, daemon=True)

    def hear(self, name: str, line: str) -> None:
        """Write one line under the name of who said it."""
        with self._writing:
            sys.stdout.write(f"{name:<{self._width}} │ {line}\n")
            sys.stdout.flush()

    def tell_to_stop(self, *_signal: object) -> None:
        """Stop soon; told again while stopping, at once."""
        if self._stopping.is_set():
            for watched in self._watched:
                watched.child.kill()
        self._stopping.set()

    def run(self, greeting: str) -> None:
        """Run until told to stop by Ctrl-C or SIGTERM; writes `greeting` once the web answers.

        Raises SystemExit with a sentence when a process dies again and again before it was ever ready.
        """
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self.tell_to_stop)
        greeted = False
        self._tending.start()
        try:
            while not self._stopping.wait(0.2):
                for watched in self._watched:
                    self._look_after(watched)
                if not greeted and all(
                    each.was_ready for each in self._watched if each.child.process.answers
                ):
                    greeted = True
                    sys.stdout.write(f"\n{greeting}\n\n")
                    sys.stdout.flush()
        finally:
            self._stop()

    def _keep_tending(self) -> None:
        while not self._stopping.wait(TEND_SECONDS):
            try:
                for name in self._tend():
                    self.hear(name, "had died; it runs again")
            except EmbeddedError as error:
                self.hear("servers", str(error))

    def _look_after(self, watched: Watched) -> None:
        """Start what is not up, after a pause that doubles each time it dies young."""
        now = time.monotonic()
        if watched.down:
            if now >= watched.start_at:
                watched.child.start()
                watched.down, watched.started_at = False, now
            return
        if (code := watched.child.exit_code()) is not None:
            self._note_death(watched, code, now)
        elif not watched.was_ready:
            watched.was_ready = watched.child.ready()
        elif now - watched.started_at > LONGEST_PAUSE:
            watched.failures = 0

    def _note_death(self, watched: Watched, code: int, now: float) -> None:
        name = watched.child.process.name
        watched.child.kill()  # its own children must not stay behind
        watched.failures += 1
        if not watched.was_ready and watched.failures >= GIVE_UP_AFTER:
            raise SystemExit(
                f"{name} ended {GIVE_UP_AFTER} times before it was ready; its lines above say why."
            )
        pause = min(2 ** (watched.failures - 1), LONGEST_PAUSE)
        watched.down, watched.start_at = True, now + pause
        self.hear(name, f"ended with {code}; it starts again in {pause} s")

    def _stop(self) -> None:
        """Ask all at once, the last started first, then wait for each."""
        for watched in reversed(self._watched):
            watched.child.ask_to_stop()
        for watched in reversed(self._watched):
            watched.child.wait_or_kill()
        self._stopping.set()
        self._tending.join()  # or it would start again what is stopped next
