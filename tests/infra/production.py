"""Production on this machine: the processes that the table gives it, behind a real nginx, with TLS."""

from __future__ import annotations

import itertools
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from contactcenter import embedded
from contactcenter.processes import PRODUCTION, Process, run_in
from contactcenter.supervisor import Address, Child
from tests import nginx
from tests.ports import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
TEMPLATE = REPOSITORY / "deploy" / "nginx.conf"
READY_SECONDS = 60
AROUND = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
_numbers = itertools.count(1)


class Proxy:
    """nginx with our template and a throw-away certificate; `http` and `https` are its two doors."""

    def __init__(self, folder: Path, web: str, stream: str) -> None:
        self.folder = folder
        plain, safe = free_port(), free_port()
        self.http, self.https = f"http://localhost:{plain}", f"https://localhost:{safe}"
        self.certificate = make_certificate(folder)
        self.places = {
            "LISTEN_HTTP": f"127.0.0.1:{plain}",
            "LISTEN_HTTPS": f"127.0.0.1:{safe}",
            "SERVER_NAME": "localhost",
            "TLS_CERTIFICATE": str(self.certificate),
            "TLS_KEY": str(folder / "key.pem"),
            "NGINX_LOCAL_RESOLVERS": "127.0.0.1",
            "WEB": web,
            "STREAM": stream,
        }
        self._running: subprocess.Popen[bytes] | None = None

    def visitor(self) -> requests.Session:
        """A browser that trusts the throw-away certificate and knows nothing else."""
        session = requests.Session()
        session.trust_env = False
        session.verify = str(self.certificate)
        return session

    def start(self, template: str) -> None:
        """Run with this template, stopping what ran before; returns when it listens."""
        self.stop()
        (self.folder / "site.conf").write_text(rendered(template, self.places))
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(AROUND.format(folder=self.folder, user=user))
        command = [
            nginx.find(),
            "-e",
            "stderr",
            "-p",
            str(self.folder),
            "-c",
            str(self.folder / "nginx.conf"),
        ]
        self._running = subprocess.Popen(command)
        until(lambda: listens(int(self.https.rpartition(":")[2])), "nginx does not listen")

    def stop(self) -> None:
        """Stop it and wait for its end."""
        if self._running:
            self._running.terminate()
            self._running.wait(15)
        self._running = None


@dataclass(frozen=True)
class Production:
    """A running production desk, by its processes, and the proxy before it."""

    proxy: Proxy
    children: dict[str, Child]


@contextmanager
def open_proxy(folder: Path, *, web: str, stream: str) -> Iterator[Proxy]:
    """Our nginx before these two addresses; fails where there is none to be had."""
    assert nginx.find(), nginx.NONE_TO_BE_HAD
    proxy = Proxy(folder, web, stream)
    try:
        proxy.start(TEMPLATE.read_text())
        yield proxy
    finally:
        proxy.stop()


def rendered(template: str, places: dict[str, str]) -> str:
    """The template with its ${NAMES} filled in, as the nginx image does it; a name nobody gives is an error."""
    return re.sub(r"\$\{([A-Z_]+)\}", lambda name: places[name[1]], template)


@contextmanager
def open_production(database_url: str) -> Iterator[Production]:
    """Start production on this database, everything on loopback; all of it is gone in the end."""
    folder = embedded.var_dir() / f"production-{os.getpid()}-{next(_numbers)}"
    here = embedded.place(folder, make=True)
    redis = embedded.Redis(here)
    redis.start()
    env = environment(folder, database_url, redis.url)
    manage(env, "collectstatic", "--noinput", "--verbosity", "0")
    children = {process.name: child(process, env) for process in run_in(PRODUCTION)}
    web, stream = ("{0.host}:{0.port}".format(children[name].address) for name in ("web", "stream"))
    try:
        for each in children.values():
            each.start()
        for name, each in children.items():
            until(each.ready, f"{name} was not ready")
        with open_proxy(folder, web=web, stream=stream) as proxy:
            yield Production(proxy, children)
    finally:
        for each in children.values():
            each.ask_to_stop()
        for each in children.values():
            each.wait_or_kill()
        redis.stop()
        for made in {here.home, here.sockets, folder}:
            shutil.rmtree(made, ignore_errors=True)


def environment(folder: Path, database_url: str, redis_url: str) -> dict[str, str]:
    """What compose.yaml gives its containers: secrets as files, everything else as variables."""
    given = {"SECRET_KEY": secrets.token_urlsafe(64), "DATABASE_URL": database_url, "REDIS_URL": redis_url}
    given["EMAIL_URL"] = f"file://{folder}/mail"
    env = {name: value for name, value in os.environ.items() if name not in given}
    for name, value in given.items():
        path = folder / name.lower()
        path.write_text(f"{value}\n")
        env[f"{name}_FILE"] = str(path)
    return env | {
        "HTTPS": "true",
        "ALLOWED_HOSTS": "localhost",
        "VAR_DIR": str(folder),
        "STATIC_ROOT": str(folder / "static"),
        "LIVE_HEARTBEAT_SECONDS": "0.5",
        "LIVE_SESSION_SECONDS": "1",
    }


def child(process: Process, env: dict[str, str]) -> Child:
    """A process of the table on a port of its own."""
    hear = lambda name, line: sys.stdout.write(f"{name}: {line}\n")  # noqa: E731  what pytest shows on failure
    return Child(process, Address("127.0.0.1", free_port()), env, hear)


def manage(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """One of Django's commands in production's environment; fails with what it said."""
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def make_certificate(folder: Path) -> Path:
    """A self-signed certificate for localhost that is good for a day; its key lies beside it."""
    made = folder / "certificate.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost"
    more = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(folder / "key.pem"), "-out", str(made)]
    subprocess.run(["openssl", *words.split(), *more], check=True, capture_output=True)
    return made


def listens(port: int) -> bool:
    """Whether somebody takes connections on this port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(done: Callable[[], bool], otherwise: str) -> None:
    """Ask again and again until it is so."""
    deadline = time.monotonic() + READY_SECONDS
    while not done():
        assert time.monotonic() < deadline, f"{otherwise} after {READY_SECONDS} seconds"
        time.sleep(0.05)
