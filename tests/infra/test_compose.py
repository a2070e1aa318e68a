"""compose.yaml and the Dockerfile say what the table of processes says; no Docker is needed to see that."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from contactcenter.processes import PRODUCTION, TABLE, Process, run_in

REPOSITORY = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = [process.name for process in run_in(PRODUCTION)]
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()

# Fixed by compose.yaml or the image, or a demo's: HOST, PORT, RESET and PG_BIN are read by `make demo` alone.
NOT_FOR_COMPOSE = {"DEBUG", "DEMO", "VAR_DIR", "STATIC_ROOT", "PG_BIN", "HOST", "PORT", "RESET"}


def command(process: Process) -> list[str]:
    return process.arguments(
        python="python",
        host="0.0.0.0",  # noqa: S104
        port=process.port,
        var="/var/lib/loyalty-desk",
    )


@pytest.mark.parametrize("process", run_in(PRODUCTION), ids=OURS)
def test_compose_runs_each_process_as_the_table_says(process: Process) -> None:
    assert SERVICES[process.name]["command"] == command(process)
    if process.answers:
        probe = f"http://127.0.0.1:{process.port}{process.answers}"
        assert probe in SERVICES[process.name]["healthcheck"]["test"][-1]


def test_compose_runs_nothing_of_ours_that_the_table_does_not_name() -> None:
    built = {name for name, service in SERVICES.items() if "build" in service}
    assert built == {*OURS, "migrate"}
    assert SERVICES["migrate"]["command"] == ["python", "manage.py", "migrate", "--noinput"]
    assert "front" not in SERVICES


def test_the_image_starts_the_web_by_itself_and_not_as_root() -> None:
    web = next(process for process in TABLE if process.name == "web")
    said = re.search(r"^CMD (\[.*\])$", DOCKERFILE, re.M)
    assert said
    assert json.loads(said[1]) == command(web)
    user = re.search(r"^USER (\S+)$", DOCKERFILE, re.M)
    assert user
    assert user[1] not in ("root", "0")
    assert DOCKERFILE.index("\nUSER ") > DOCKERFILE.rindex("\nRUN ")
    assert "--require-hashes" in DOCKERFILE


def test_only_nginx_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    for name in ("database", "redis", "stream", "beat", "migrate"):
        assert SERVICES[name]["networks"] == ["inside"]


def test_nginx_is_told_where_the_table_lets_web_and_stream_listen() -> None:
    told = SERVICES["nginx"]["environment"]
    ports = {process.name: process.port for process in run_in(PRODUCTION)}
    assert told["WEB"] == f"web:{ports['web']}"
    assert told["STREAM"] == f"stream:{ports['stream']}"
    wanted = set(re.findall(r"\$\{([A-Z_]+)\}", (REPOSITORY / "deploy" / "nginx.conf").read_text()))
    assert wanted == {*told, "NGINX_LOCAL_RESOLVERS"} - {"NGINX_ENTRYPOINT_LOCAL_RESOLVERS"}


def test_no_secret_stands_in_the_environment() -> None:
    files = set(COMPOSE["secrets"])
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            secret = re.search(r"SECRET|PASSWORD|(?<!PUBLIC)_URL|TLS_KEY", variable)
            if "TOKEN" in variable:  # mounted by whoever has one: docs/callbacks-dialling.md
                assert variable.endswith("_FILE"), f"{name}: {variable}"
            if secret:
                assert value.removeprefix("/run/secrets/") in files, f"{name}: {variable}"
                assert value.removeprefix("/run/secrets/") in service["secrets"]
    assert all(secret["file"].startswith("./deploy/secrets/") for secret in COMPOSE["secrets"].values())
    assert "/deploy/secrets/" in (REPOSITORY / ".gitignore").read_text().splitlines()


def test_every_variable_of_the_operations_page_is_handed_on_or_is_none_of_composes() -> None:
    page = (REPOSITORY / "docs" / "operations.md").read_text()
    rows = re.findall(r"^\| ((?:`[A-Z_]+`(?:, )?)+)", page, re.M)
    told = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert {"API_RATE", "TRUSTED_PROXIES", "LIVE_MAX_STREAMS", "MAIL_MAX_BYTES", "EMAIL_URL"} <= told
    for name in OURS:
        handed = {variable.removesuffix("_FILE") for variable in SERVICES[name]["environment"]}
        assert told - handed == NOT_FOR_COMPOSE, name


def test_what_compose_takes_where_env_says_nothing_is_what_the_settings_take() -> None:
    said = {
        name: re.fullmatch(r"\$\{([A-Z_]+):-(.*)\}", value)
        for name, value in SERVICES["web"]["environment"].items()
    }
    defaults = {name: found[2] for name, found in said.items() if found and found[1] == name}
    assert len(defaults) == 25
    script = (
        "import json; from contactcenter import settings as s;"
        "print(json.dumps([s.LOGGING['root']['level'], s.CSRF_TRUSTED_ORIGINS, s.ALLAUTH_TRUSTED_PROXY_COUNT,"
        " s.DATABASE_POOLER, s.MAIL_MAX_BYTES, s.LIVE_MAX_STREAMS, s.LIVE_HEARTBEAT_SECONDS,"
        " s.LIVE_SESSION_SECONDS, s.LIVE_LOOK_SECONDS, s.UNDO_SEND_SECONDS,"
        " s.PUBLIC_URL, s.LINK_RATE, s.REQUEST_RATE, s.ACKNOWLEDGED_A_DAY,"
        " s.ACKNOWLEDGED_A_MINUTE, s.API_RATE, s.VOUCHER_RATE, s.API_MAX_BYTES, s.LEDGER_CHECK,"
        " s.SIP_RPC, s.SIP_DOMAIN, s.VOICE_REST, s.VOICE_REST_ACCOUNT, s.VOICE_REST_TOKEN, s.VOICE_FROM]))"
    )
    bare = {name: value for name, value in os.environ.items() if name not in defaults}
    bare |= {"HTTPS": "true", "SECRET_KEY": "only-here"}
    without, with_them = (
        json.loads(subprocess.check_output([sys.executable, "-c", script], cwd=REPOSITORY, env=env))
        for env in (bare, bare | defaults)
    )
    assert without == with_them


def test_everything_that_should_live_comes_back_and_waits_for_what_it_needs() -> None:
    for name, service in SERVICES.items():
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    for name in OURS:
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    for name in ("nginx", "database", "redis", "web", "stream"):
        assert SERVICES[name]["healthcheck"]["test"]


def test_the_image_gets_what_running_needs_and_nothing_else() -> None:
    let_in = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    rooms = {path.parent.name for path in REPOSITORY.glob("*/apps.py")}
    assert rooms < let_in
    assert not let_in & {"tests", "var", ".venv", ".git", "deploy", "docs", "node_modules"}
