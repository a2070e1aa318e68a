from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from contactcenter import secret
from contactcenter.secret import given, kept_in, signing_key

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


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("EMAIL_URL", "EMAIL_URL_FILE", "SECRET_KEY", "SECRET_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_secret_comes_from_the_environment_or_from_the_file_it_names(
    tmp_path: Path, unset: pytest.MonkeyPatch
) -> None:
    assert given("EMAIL_URL") == ""
    (tmp_path / "mail").write_text("smtp://mail.example:25\n")
    unset.setenv("EMAIL_URL_FILE", str(tmp_path / "mail"))
    assert given("EMAIL_URL") == "smtp://mail.example:25"
    unset.delenv("EMAIL_URL_FILE")
    unset.setenv("EMAIL_URL", "smtp://other.example:25")
    assert given("EMAIL_URL") == "smtp://other.example:25"


def test_a_secret_given_twice_is_refused(tmp_path: Path, unset: pytest.MonkeyPatch) -> None:
    unset.setenv("EMAIL_URL", "smtp://mail.example:25")
    unset.setenv("EMAIL_URL_FILE", str(tmp_path / "mail"))
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL and EMAIL_URL_FILE are both given"):
        given("EMAIL_URL")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file"),
        (b"\xff\xfe", "cannot be read: it is no text"),
        (b" \n", "is empty"),
    ],
)
def test_a_secret_that_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, unset: pytest.MonkeyPatch, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "mail"
    if content is not None:
        path.write_bytes(content)
    unset.setenv("EMAIL_URL_FILE", str(path))
    with pytest.raises(ImproperlyConfigured, match=f"EMAIL_URL_FILE={path} {sentence}"):
        given("EMAIL_URL")


def test_production_never_makes_a_signing_key_of_its_own(tmp_path: Path, unset: pytest.MonkeyPatch) -> None:
    assert signing_key(tmp_path / "key", production=False) == (tmp_path / "key").read_text()
    with pytest.raises(ImproperlyConfigured, match="no signing key: give SECRET_KEY or SECRET_KEY_FILE"):
        signing_key(tmp_path / "key", production=True)
    unset.setenv("SECRET_KEY", "given")
    assert signing_key(tmp_path / "key", production=True) == "given"
