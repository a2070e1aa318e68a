"""The supervisor names what is said, restarts what dies, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from contactcenter import embedded, supervisor
from contactcenter.processes import TABLE, Process
from contactcenter.supervisor import Address
from tests.infra.servers import hung, process_id
from tests.ports import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
SERVE = "{python} -m http.server --bind {host} {port}"
# A process that notes its number and that of a child of its own, then sleeps.
NOTE = """{python} -c "import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
open('{var}/pids', 'a').write(f'{{os.getpid()}} {{child.pid}}' + chr(10))
print('here I am', flush=True)
{then}" """


def supervise(tmp_path, *table):
    """Run a supervisor over a table of commands in a process of its own."""
    script = (
        "import os; from contactcenter.processes import Process; from contactcenter.supervisor import *;"
        f"Supervisor(Address('127.0.0.1', {free_port()}), environment=os.environ, table={table!r})"
        ".run('open the door')"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        env={**os.environ, "VAR_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def note(then="time.sleep(600)"):
    return NOTE.replace("{then}", then)


def noted(tmp_path, starts):
    """The process numbers written down, once there are as many lines as starts."""
    path = tmp_path / "pids"
    deadline = time.monotonic() + 30
    while not path.exists() or len(path.read_text().splitlines()) < starts:
        assert time.monotonic() < deadline, "not started often enough"
        time.sleep(0.05)
    return [[int(word) for word in line.split()] for line in path.read_text().splitlines()]


def gone(pid):
    """Whether a process has ended (or only waits to be collected)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_told_to_stop_it_ends_every_process_and_their_children(tmp_path, name):
    running = supervise(
        tmp_path, Process("web", "", SERVE, answers="/"), Process("hand", "", note(), says="here")
    )
    pids = noted(tmp_path, 1)[0]
    running.send_signal(name)
    said = running.communicate(timeout=30)[0]
    assert running.returncode == 0
    assert all(gone(pid) for pid in pids)
    assert "hand │ here I am" in said


def test_the_greeting_comes_once_the_web_answers(tmp_path):
    running = supervise(tmp_path, Process("web", "", SERVE, answers="/"))
    lines = []
    for line in running.stdout:
        lines.append(line.strip())
        if line.startswith("open the door"):
            break
    running.terminate()
    running.communicate(timeout=30)
    assert lines[-1] == "open the door"


def test_what_dies_is_started_again_without_its_leftovers(tmp_path):
    web, hand = Process("web", "", SERVE, answers="/"), Process("hand", "", note(), says="here")
    running = supervise(tmp_path, web, hand)
    first = noted(tmp_path, 1)[0]
    os.kill(first[0], signal.SIGKILL)
    second = noted(tmp_path, 2)[1]
    running.terminate()
    said = running.communicate(timeout=30)[0]
    assert "hand │ ended with -9; it starts again in 1 s" in said
    assert all(gone(pid) for pid in [*first, *second])


HOUSE = """
import os
from contactcenter import embedded
from contactcenter.processes import Process
from contactcenter.supervisor import Address, Supervisor
embedded.up(durable=False)
try:
    table = (Process("web", "", {serve!r}, answers="/"),)
    Supervisor(Address("127.0.0.1", {port}), environment=os.environ, table=table, tend=embedded.heal).run("open")
finally:
    embedded.down(only_started_here=True)
"""


def test_servers_that_are_killed_come_back_where_they_were_and_one_that_hangs_is_left_alone(tmp_path):
    named = ("DATABASE_URL", "REDIS_URL")
    env = {name: value for name, value in os.environ.items() if name not in named}
    script = HOUSE.format(serve=SERVE, port=free_port())
    running = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        env={**env, "VAR_DIR": str(tmp_path / "var")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until_said(running, "open")
    here = embedded.place(tmp_path / "var")
    postgres, redis = embedded.Postgres(here), embedded.Redis(here)
    address = redis.url
    os.kill(process_id(redis), signal.SIGKILL)
    os.kill(int((postgres.data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    until_said(running, "had died; it runs again", "had died; it runs again")
    assert postgres.running()
    assert (redis.running(), redis.url) == (True, address)
    with hung(redis):
        time.sleep(2 * supervisor.TEND_SECONDS)  # it is looked at twice meanwhile
    assert (redis.running(), redis.url) == (True, address)
    running.terminate()
    assert "again" not in running.communicate(timeout=60)[0]
    assert running.returncode == 0
    assert not postgres.running()
    assert not redis.running()
    for made in {here.home, here.sockets}:
        shutil.rmtree(made, ignore_errors=True)


def until_said(running, *words):
    """Read on until each of the words was said, in this order."""
    for word in words:
        assert any(word in line for line in running.stdout), f"{word} was never said"


def test_what_was_never_ready_is_given_up_with_a_sentence(tmp_path, monkeypatch):
    script = "from contactcenter import supervisor; supervisor.GIVE_UP_AFTER = 2;"
    table = (
        Process("web", "", SERVE, answers="/"),
        Process("hand", "", note("sys.exit(3)"), says="never said"),
    )
    code = (
        f"{script} import os; from contactcenter.processes import Process;"
        f"supervisor.Supervisor(supervisor.Address('127.0.0.1', {free_port()}), environment=os.environ,"
        f"table={table!r}).run('')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env={**os.environ, "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.strip() == "hand ended 2 times before it was ready; its lines above say why."


def test_a_killed_supervisor_takes_its_processes_along(tmp_path):
    running = supervise(
        tmp_path, Process("web", "", SERVE, answers="/"), Process("hand", "", note(), says="here")
    )
    pid, its_child = noted(tmp_path, 1)[0]
    running.kill()
    running.communicate(timeout=30)
    deadline = time.monotonic() + 10
    while not gone(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gone(pid)
    os.kill(its_child, signal.SIGKILL)  # a real worker ends its own children


def test_every_process_of_the_table_has_a_sign_by_which_it_is_known_to_be_ready():
    places = {"python": "py", "host": "127.0.0.1", "port": 8000, "var": "/a folder/var"}
    for process in TABLE:
        assert bool(process.answers) != bool(process.says)
        assert process.arguments(**places)[:2] == ["py", "-m"]
    assert "/a folder/var/beat-schedule" in TABLE[-1].arguments(**places)


def test_the_address_to_open_is_one_a_browser_understands():
    assert Address("0.0.0.0", 8000).url == "http://127.0.0.1:8000"  # noqa: S104
    assert Address("::1", 8000).url == "http://[::1]:8000"
