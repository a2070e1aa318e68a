"""`make check`: all that can be said about the code without running a test; one failure fails it, all of it runs."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from contactcenter import embedded

REPOSITORY = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sys.executable).parent
BUILT = ("static/desk", "static/vendor", "templates/desk/_sprite.html")  # what `npm run build` writes
PRODUCTION = {
    "DEBUG": "false",
    "HTTPS": "true",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "desk.example.com",
    "EMAIL_URL": "smtp+tls://desk:secret@mail.example.com:587",
}


def main() -> int:
    """Run every check; 0 when all are clean."""
    os.environ.setdefault("VAR_DIR", str(embedded.var_dir() / "test"))
    templates = [str(path) for path in sorted((REPOSITORY / "templates").rglob("*.html"))]
    try:
        embedded.up(durable=False)
        results = {
            name: check(name, command, environment=environment)
            for name, command, environment in (
                ("format", ["ruff", "format", "--check", "."], {}),
                ("lint", ["ruff", "check", "."], {}),
                ("templates", ["djade", "--check", "--target-version", "5.2", *templates], {}),
                ("types", ["mypy", "."], {}),
                ("layers", ["lint-imports"], {}),
                ("migrations", ["python", "manage.py", "makemigrations", "--check", "--dry-run"], {}),
                (
                    "deploy settings",
                    ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
                    PRODUCTION,
                ),
            )
        }
        results["style sheet"] = report("style sheet", style_sheet_is_fresh)
    except embedded.EmbeddedError as error:
        raise SystemExit(str(error)) from error
    finally:
        embedded.down(only_started_here=True)
    _say(last_words(results))
    return 0 if all(results.values()) else 1


def last_words(results: Mapping[str, bool]) -> str:
    """What stands last: whoever sees only the end of a long log must see the name of what failed."""
    unclean = [name for name, clean in results.items() if not clean]
    return f"Not clean: {', '.join(unclean)}" if unclean else f"All {len(results)} checks are clean."


def check(name: str, command: list[str], *, environment: Mapping[str, str]) -> bool:
    """Run one program of the virtual environment and say how it went."""
    program = [str(PROGRAMS / command[0]), *command[1:]]
    return report(name, lambda: _runs(program, {**os.environ, **environment}))


def report(name: str, question: Callable[[], bool]) -> bool:
    """Ask, and write the name with the answer."""
    _say(f"── {name}")
    clean = question()
    if not clean:
        _say(f"   {name}: not clean")
    return clean


def style_sheet_is_fresh() -> bool:
    """Whether the compiled files are what their sources build now."""
    if not shutil.which("npm"):
        _say("   skipped: Node is not installed, so the style sheet was not rebuilt and compared")
        return True
    before = _built()
    built = all(
        _runs(["npm", *words.split()]) for words in ("ci --no-audit --no-fund --silent", "run --silent build")
    )
    changed = sorted(
        path
        for path in before.keys() ^ _built().keys() | {p for p, b in _built().items() if before.get(p) != b}
    )
    for path in changed:
        _say(f"   {path} differs from what its source builds: commit what `make css` made")
    return built and not changed


def _built() -> dict[str, bytes]:
    files = [
        file for place in BUILT for file in sorted((REPOSITORY / place).rglob("*")) or [REPOSITORY / place]
    ]
    return {str(file.relative_to(REPOSITORY)): file.read_bytes() for file in files if file.is_file()}


def _runs(command: list[str], environment: Mapping[str, str] | None = None) -> bool:
    return subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode == 0


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
