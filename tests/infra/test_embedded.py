"""The private servers start everywhere a clone may stand, and heal after what may happen to them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from contactcenter import embedded
from contactcenter.embedded import places, postgres
from contactcenter.embedded.places import open_to_others
from contactcenter.embedded.running import wait_until
from tests.infra.people import as_ordinary_user, copy_programs, mount_small_disk, public_folder, taken

REPOSITORY = Path(__file__).resolve().parents[2]
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist")


def start_pair(base, *, durable=False):
    """Start both servers in a folder; returns (place, database, redis) running."""
    here = embedded.place(base, make=True)
    database, cache = embedded.Postgres(here, durable=durable), embedded.Redis(here)
    database.start()
    cache.start()
    return here, database, cache


def stop_pair(here, *servers):
    """Stop them and leave nothing in /var/tmp."""
    for server in servers:
        server.stop()
    for made in {here.home, here.sockets.parent}:
        shutil.rmtree(made, ignore_errors=True)


def prove_they_work(database, cache):
    """Use both as the desk does: extensions, words beyond ASCII, a key."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        for extension in EXTENSIONS:
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        found = connection.execute(
            "SELECT to_tsvector('simple', 'ZOË') @@ to_tsquery('simple', 'zoë')"
        ).fetchone()
    assert found == (True,)
    with redis.Redis.from_url(cache.url) as client:
        assert client.ping()


@pytest.fixture(scope="module")
def programs():
    """Variables that name the servers' programs where every account may run them, copied once if need be."""
    if open_to_others(postgres.find_binaries() / "postgres"):
        yield {}
        return
    with public_folder() as made:
        yield copy_programs(made)


@pytest.fixture
def folder(programs, monkeypatch):
    """A folder that everybody may enter, on a machine where everybody may run the servers."""
    for variable, value in programs.items():
        monkeypatch.setenv(variable, value)
    with public_folder() as made:
        yield made


@pytest.mark.parametrize("name", ["plain", "with a space, a comma and an é", "long-" * 30])
def test_servers_start_in_folders_of_any_name(folder, name):
    here, database, cache = start_pair(folder / name)
    try:
        prove_they_work(database, cache)
        assert here.home == folder / name
        assert here.sockets.stat().st_mode & 0o777 == 0o700
    finally:
        stop_pair(here, cache, database)


def test_servers_start_in_a_folder_that_only_its_owner_may_enter():
    closed = Path(tempfile.mkdtemp())
    here, database, cache = start_pair(closed)
    try:
        prove_they_work(database, cache)
        moved = os.geteuid() == 0  # `nobody`, who runs them for root, may not enter the folder
        assert (closed / places.POINTER).exists() == moved
        assert (here.home != closed) == moved
        assert here.home.stat().st_mode & 0o777 == 0o700
        assert embedded.place(closed) == here
    finally:
        stop_pair(here, cache, database)
        shutil.rmtree(closed, ignore_errors=True)


def test_servers_start_for_an_ordinary_user(folder):
    def use():
        here, database, cache = start_pair(folder / "var")
        try:
            prove_they_work(database, cache)
            assert here.account is None
        finally:
            stop_pair(here, cache, database)

    as_ordinary_user(use, folder)


def test_a_folder_of_somebody_else_is_refused_with_a_sentence(folder):
    (folder / "var").mkdir(mode=0o755)
    if os.geteuid() != 0:
        (folder / "var").chmod(0o555)

    def use():
        with pytest.raises(embedded.EmbeddedError, match="belongs to another user"):
            embedded.place(folder / "var", make=True)

    as_ordinary_user(use, folder, give=False)


def test_two_starters_at_once_share_one_server(folder):
    here = embedded.place(folder / "var", make=True)
    script = (
        "import json; from contactcenter import embedded; urls = embedded.up(durable=False);"
        "print(json.dumps([*urls, len(embedded._started_here)]))"
    )
    environment = {
        key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")
    }
    environment["VAR_DIR"] = str(folder / "var")
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", script], cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    try:
        told = [json.loads(starter.communicate(timeout=90)[0]) for starter in starters]
        assert told[0][:2] == told[1][:2]
        assert sorted(started for *_, started in told) == [0, 2]
    finally:
        stop_pair(here, embedded.Redis(here), embedded.Postgres(here))


def test_after_kill_9_the_servers_start_again_with_their_data(folder):
    here, database, cache = start_pair(folder / "var", durable=True)
    try:
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(int((database.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        with redis.Redis.from_url(cache.url) as client:
            os.kill(client.info("server")["process_id"], signal.SIGKILL)
        assert wait_until(lambda: not database.running() and not cache.running(), 10)
        assert (database.start(), cache.start()) == (True, True)
        with psycopg.connect(database.url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        prove_they_work(database, cache)
    finally:
        stop_pair(here, cache, database)


def test_a_pid_file_whose_number_is_now_another_process_is_healed(folder):
    here, database, cache = start_pair(folder / "var")
    try:
        left_behind = (database.data / "postmaster.pid").read_text().split("\n")
        database.stop()
        left_behind[0] = str(os.getpid())
        (database.data / "postmaster.pid").write_text("\n".join(left_behind))
        assert not database.running()
        assert not database.stop()
        assert database.start()
        prove_they_work(database, cache)
    finally:
        stop_pair(here, cache, database)


def test_a_port_that_was_taken_meanwhile_is_given_up_for_another(folder):
    here = embedded.place(folder / "var", make=True)
    cache = embedded.Redis(here)
    cache.start()
    try:
        before = cache.url
        cache.stop()
        cache.start()
        assert cache.url == before
        cache.stop()
        with taken(urlsplit(before).port):
            cache.start()
        assert cache.running()
        assert cache.url != before
    finally:
        stop_pair(here, cache)


def test_data_of_another_major_version_is_refused_with_a_sentence(folder):
    here = embedded.place(folder / "var", make=True)
    try:
        database = embedded.Postgres(here)
        database.data.mkdir()
        (database.data / "PG_VERSION").write_text("9.6\n")
        with pytest.raises(embedded.EmbeddedError, match=r"made by PostgreSQL 9\.6 .*RESET=1 make demo"):
            database.start()
    finally:
        stop_pair(here)


def test_a_disk_without_room_is_refused_with_a_sentence(folder, monkeypatch):
    mounted = mount_small_disk(folder)
    if not mounted:
        monkeypatch.setattr(places, "NEEDED_BYTES", 2**60)
    try:
        with pytest.raises(embedded.EmbeddedError, match="has no room for a database"):
            embedded.place(folder / "var", make=True)
        if mounted:  # and where it fills up only while the data is made
            monkeypatch.setattr(places, "NEEDED_BYTES", 0)
            here = embedded.place(folder / "var", make=True)
            with pytest.raises(embedded.EmbeddedError, match="has no room for a database"):
                embedded.Postgres(here).start()
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def test_addresses_are_told_before_anything_runs_and_nothing_is_made(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    assert embedded.urls().database.startswith("postgres://desk@%2F")
    assert embedded.urls().redis == "redis://127.0.0.1:1/0"
    assert embedded.status() == {"PostgreSQL": "not running", "Redis": "not running"}
    assert not (tmp_path / "var").exists()


def test_servers_named_by_the_environment_are_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@db.example.com/theirs")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example.com/0")
    assert embedded.up() == ("postgres://somebody@db.example.com/theirs", "redis://cache.example.com/0")
    assert embedded.status() == {"PostgreSQL": "named by DATABASE_URL", "Redis": "named by REDIS_URL"}
    assert embedded.down() == []


def test_binaries_are_found_where_pg_bin_says_or_refused_with_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(embedded.EmbeddedError, match="holds no program `postgres`"):
        postgres.find_binaries()
    (tmp_path / "postgres").touch()
    assert postgres.find_binaries() == tmp_path
