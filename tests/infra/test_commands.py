"""What a newcomer types, and the sentences for what may be in the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import manage
from contactcenter import install, serve
from tests.infra.people import taken
from tests.ports import free_port

REPOSITORY = Path(__file__).resolve().parents[2]


def run(*command, **environment):
    """Run a command of the repository with further variables; None takes one away."""
    full = {**os.environ, **environment}
    full = {key: value for key, value in full.items() if value is not None}
    return subprocess.run(
        [*map(str, command)], cwd=REPOSITORY, env=full, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize(
    "words", ["migrate", "runserver", "shell", "check --database default", "receive_mail --json"]
)
def test_commands_that_need_a_database_find_one_running(words):
    assert manage.needs_database(words.split())


@pytest.mark.parametrize(
    "words", ["", "help", "--version", "check", "services stop", "migrate --help", "collectstatic"]
)
def test_commands_that_need_no_database_start_none(words):
    assert not manage.needs_database(words.split())


def test_migrate_works_without_any_variable_and_services_start_and_stop(tmp_path):
    bare = {"DATABASE_URL": None, "REDIS_URL": None, "SECRET_KEY": None, "VAR_DIR": str(tmp_path / "var")}
    manage_py = (sys.executable, "manage.py")
    migrated = run(*manage_py, "migrate", "sessions", **bare)
    try:
        assert migrated.returncode == 0, migrated.stderr
        assert "PostgreSQL: postgres://" in run(*manage_py, "services", "start", **bare).stdout
    finally:
        stopped = run(*manage_py, "services", "stop", **bare)
        if (pointer := tmp_path / "var" / "servers-live-in").exists():
            shutil.rmtree(pointer.read_text().strip())
    assert stopped.stdout.splitlines() == ["PostgreSQL: not running", "Redis: not running"]


def test_manage_py_without_the_packages_says_how_to_install_them():
    said = run(sys.executable, "-S", "manage.py", "migrate").stderr
    assert (
        said.strip() == "django is not installed here: run `make install`, then .venv/bin/python manage.py …"
    )


def test_a_port_in_use_is_said_before_anything_starts(tmp_path):
    port = free_port()
    with taken(port):
        done = run(sys.executable, "-m", "contactcenter.serve", PORT=str(port), VAR_DIR=str(tmp_path / "var"))
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} on 127.0.0.1 cannot be used (Address already in use)")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("port", ["65536", "eighty"])
def test_what_is_no_port_is_refused_with_a_sentence(port):
    assert run(sys.executable, "-m", "contactcenter.serve", PORT=port).stderr.startswith(
        f"PORT={port} is no port"
    )


def test_starting_over_never_empties_a_database_that_the_environment_names(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@db.example.com/theirs")
    with pytest.raises(SystemExit, match="deletes only the demo's own database"):
        serve.start_over()


def test_a_wrong_python_is_answered_with_a_sentence(monkeypatch):
    monkeypatch.setattr(install, "GOOD", ((2, 7),))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11, 3\.12 or 3\.13, and this is 3\.1"):
        install.suitable_python()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "The disk of .* is full"),
        (
            "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
            "No network",
        ),
        ("error: Failed to fetch\n  Caused by: dns error", "No network"),
        (
            "The virtual environment was not created successfully because ensurepip is not available",
            "python3-venv",
        ),
    ],
)
def test_what_stops_an_installation_becomes_one_sentence(said, sentence):
    with pytest.raises(SystemExit, match=sentence):
        install.refuse_for(said, install.NO_VENV.format("python3"))


def test_an_installation_that_is_done_takes_no_second():
    if not install.STAMP.exists():
        install.main(["--dev"])
    done = run(sys.executable, "contactcenter/install.py", "--dev")
    assert (done.returncode, done.stdout) == (0, "")
