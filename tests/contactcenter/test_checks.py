from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

REPOSITORY = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "HTTPS": "true",
    "SECRET_KEY": "k" * 50 + "0123456789",
    "ALLOWED_HOSTS": "desk.example.com",
    "EMAIL_URL": "smtp+tls://desk:secret@mail.example.com:587",
}


def ids(**options: Any) -> set[str | None]:
    return {found.id for found in run_checks(**options) if str(found.id).startswith("contactcenter")}


def manage(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    env.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # browser tests set it, and a deployment must not
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=REPOSITORY, env=env, capture_output=True, text=True
    )


def test_a_desk_as_it_comes_has_nothing_to_be_told() -> None:
    assert ids() == set()


@pytest.mark.parametrize(
    "name", ["MAIL_MAX_BYTES", "LIVE_MAX_STREAMS", "LIVE_HEARTBEAT_SECONDS", "LIVE_SESSION_SECONDS"]
)
def test_a_knob_at_nothing_is_refused(settings: Any, name: str) -> None:
    setattr(settings, name, 0)
    assert ids() == {"contactcenter.E001"}


def test_a_pooler_nobody_knows_is_refused(settings: Any) -> None:
    settings.DATABASE_POOLER = "session"
    assert ids() == {"contactcenter.E002"}


@pytest.mark.parametrize("hosts", [["*"], ["localhost", "127.0.0.1", "[::1]"]])
def test_production_must_know_its_name(settings: Any, hosts: list[str]) -> None:
    settings.ALLOWED_HOSTS = hosts
    assert ids() == set()
    settings.HTTPS = True
    assert ids() == {"contactcenter.E003"}


def test_production_shows_nobody_its_insides(settings: Any) -> None:
    settings.HTTPS, settings.DEBUG, settings.ALLOWED_HOSTS = True, True, ["desk.example.com"]
    assert ids() == {"contactcenter.E004"}


def test_production_without_a_mail_server_is_told_so(settings: Any) -> None:
    settings.HTTPS, settings.ALLOWED_HOSTS = True, ["desk.example.com"]
    assert ids(include_deployment_checks=True) == {"contactcenter.W001"}
    settings.EMAIL_URL = PRODUCTION["EMAIL_URL"]
    assert ids(include_deployment_checks=True) == set()


def test_the_deploy_checks_are_clean_under_production_settings() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_production_without_a_key_ends_with_one_sentence() -> None:
    done = manage("check", **PRODUCTION | {"SECRET_KEY": ""})
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        "HTTPS=true is a production desk, and it has no signing key: give SECRET_KEY or SECRET_KEY_FILE."
    ]


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_production_names_its_servers_and_never_gets_private_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any, name: str
) -> None:
    done = manage("migrate", **PRODUCTION | {name: "", "VAR_DIR": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"HTTPS=true is a production desk, and a server is not named: give {name} (or the same with _FILE)."
    )
    assert list(tmp_path.iterdir()) == []  # nothing was started, nothing written
    settings.HTTPS, settings.ALLOWED_HOSTS = True, ["desk.example.com"]
    assert ids() == set()
    monkeypatch.setenv(name, "")
    assert ids() == {"contactcenter.E006"}


@pytest.mark.parametrize("words", ["run_due", "demo"])
def test_what_belongs_to_a_demo_asks_for_a_yes_in_production(words: str) -> None:
    done = manage(words, **PRODUCTION)
    assert done.returncode == 2
    assert "This is a production desk: say --yes" in done.stderr


def test_behind_a_pooler_no_cursor_outlives_its_transaction() -> None:
    code = "from django.conf import settings; print(settings.DATABASES['default']['DISABLE_SERVER_SIDE_CURSORS'])"
    answers = [
        manage("shell", "-v", "0", "-c", code, DATABASE_POOLER=pooler).stdout.strip()
        for pooler in ("", "transaction")
    ]
    assert answers == ["False", "True"]
