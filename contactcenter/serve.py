"""`make demo`, once everything is installed: the servers, the data, then the processes in the foreground.

`PORT` and `HOST` change the address (127.0.0.1:8000), `RESET=1` starts over with fresh data.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from json import loads

from contactcenter import embedded, secret
from contactcenter.supervisor import Address, Supervisor

# The demo may run as root; a deployment's worker should hear what Celery thinks of that.
QUIET = {"PYTHONWARNINGS": "ignore::UserWarning:celery.platforms"}


def main() -> None:
    """Run the demo until Ctrl-C; whatever was started here is stopped in the end."""
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.default_int_handler)
    address = wanted_address()
    refuse_taken(address)
    os.environ["VAR_DIR"] = str(embedded.var_dir())
    os.environ.setdefault("DEMO", "true")
    try:
        if os.environ.get("RESET") == "1":
            start_over()
        embedded.up()
        greeting = f"open {address.url} — {prepare(address)}"
        Supervisor(address, environment={**os.environ, **QUIET}, tend=embedded.heal).run(greeting)
    except embedded.EmbeddedError as error:
        raise SystemExit(str(error)) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    finally:
        embedded.down(only_started_here=True)
    say("Everything that was started here has stopped.")


def say(words: str) -> None:
    """One line for the person at the terminal."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def wanted_address() -> Address:
    """HOST and PORT of the environment; refuses what is no port."""
    port = os.environ.get("PORT") or "8000"
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise SystemExit(f"PORT={port} is no port: give a number from 1 to 65535.")
    return Address(os.environ.get("HOST") or "127.0.0.1", int(port))


def refuse_taken(address: Address) -> None:
    """Refuse an address on which something listens already, or on which this machine cannot listen."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        raise SystemExit(
            f"Port {address.port} on {address.host} cannot be used ({error.strerror}): stop what "
            f"listens there, or choose another with `PORT={address.port % 65535 + 1} make demo`."
        ) from error


def start_over() -> None:
    """Delete the demo's data; a database that the environment names is not ours to delete."""
    if secret.given("DATABASE_URL"):
        raise SystemExit(
            "RESET=1 deletes only the demo's own database: unset DATABASE_URL, or empty that one by hand."
        )
    embedded.wipe()
    for made in ("mail", "media", "static"):
        shutil.rmtree(embedded.var_dir() / made, ignore_errors=True)


def prepare(address: Address) -> str:
    """Migrations, demo data and static files; returns how to sign in."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
    if address.host not in ("127.0.0.1", "localhost", "::1"):
        os.environ.setdefault("ALLOWED_HOSTS", "*")  # who opens the demo to others reaches it by any name
    say("Preparing the database, the demo's data and the static files …")
    with static_files_collected():
        import django
        from django.core.management import CommandError, call_command

        django.setup()
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        told = StringIO()
        try:
            call_command("demo", json=True, stdout=told)
        except CommandError as error:
            raise SystemExit(str(error)) from error
    facts = loads(told.getvalue())
    logins = facts["logins"]
    words = sign_in_words([login for login in logins if login["role"] != "integration"])
    return f"{words}\n  or be a customer: {address.url}{facts['customer_url_path']}"


def sign_in_words(logins: list[dict[str, str]]) -> str:
    """The first login in the sentence, the others below it, with the role each has."""
    first, *others = logins
    lines = [f"sign in as {first['email']} / {first['password']} ({first['role']})"]
    width = max(len(login["email"]) for login in logins)
    lines += [f"  or {login['email']:<{width}} / {login['password']} ({login['role']})" for login in others]
    return "\n".join(lines)


@contextmanager
def static_files_collected() -> Iterator[None]:
    """Meanwhile, collect the static files in a process beside this one, if any has changed since last time."""
    collected = embedded.var_dir() / "static"
    stamp, now = collected / "collected-from", fingerprint()
    if stamp.exists() and stamp.read_text() == now:
        yield
        return
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "--verbosity", "0"]
    with subprocess.Popen(command, cwd=embedded.REPOSITORY) as beside:  # noqa: S603
        try:
            yield
        except BaseException:
            beside.terminate()
            raise
    if beside.returncode:
        raise SystemExit("The static files could not be collected; the lines above say why.")
    stamp.write_text(now)


def fingerprint() -> str:
    """Changes with every static file of ours, and with the packages that bring their own."""
    content = hashlib.sha256((embedded.REPOSITORY / "requirements.txt").read_bytes())
    for path in sorted((embedded.REPOSITORY / "static").rglob("*")):
        about = path.stat()
        content.update(f"{path}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
    return content.hexdigest()


if __name__ == "__main__":
    main()
