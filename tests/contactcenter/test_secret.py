from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

from contactcenter import secret
from contactcenter.secret import kept_in

STARTER = """
import pathlib, runpy, sys
program, go, path = sys.argv[1:]
kept_in = runpy.run_path(program)["kept_in"]
print("ready", flush=True)
while not pathlib.Path(go).exists():
    pass
print(kept_in(pathlib.Path(path)))
"""


def test_a_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret_key"
    key = kept_in(path)
    assert len(key) >= 64
    assert kept_in(path) == key == path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_every_installation_has_a_key_of_its_own(tmp_path: Path) -> None:
    assert kept_in(tmp_path / "one") != kept_in(tmp_path / "two")


def test_starters_at_once_agree_on_one_key(tmp_path: Path) -> None:
    go, path = tmp_path / "go", tmp_path / "var" / "secret_key"
    command = [sys.executable, "-c", STARTER, secret.__file__, str(go), str(path)]
    starters = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for starter in starters:
        assert starter.stdout.readline() == "ready\n"
    go.touch()
    keys = {starter.communicate(timeout=20)[0].strip() for starter in starters}
    assert keys == {path.read_text()}
    assert list(path.parent.iterdir()) == [path]
