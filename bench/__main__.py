"""`make bench [ROOM=desk]`: a database of its own, every benchmark of the rooms, a table and `latest.json`.

Exits with 1 when a goal is missed, with 2 when ROOM names no room.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

from contactcenter import embedded
from contactcenter.serve import static_files_collected

ROOMS = (
    "desk",
    "tickets",
    "loyalty",
    "imports",
    "callbacks",
    "live",
    "lighthouse",
)  # modules of this package that have run() -> list[Figure]


def main() -> int:
    """Start the servers, measure, say it, stop what was started."""
    asked = os.environ.get("ROOM", "")
    if asked and asked not in ROOMS:
        sys.stderr.write(f"ROOM={asked} is no room with benchmarks; there are: {', '.join(ROOMS)}.\n")
        return 2
    if not Path("/proc/self/schedstat").exists():
        sys.stderr.write("The benchmarks read processor time from /proc: they run on Linux only.\n")
        return 2
    for named in ("DATABASE_URL", "REDIS_URL", "DEBUG"):  # our own servers, and settings as in production
        os.environ.pop(named, None)
    os.environ["VAR_DIR"] = str(embedded.var_dir() / "bench")
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    try:
        with static_files_collected():
            embedded.wipe()
            embedded.up()
        return _measure([asked] if asked else list(ROOMS))
    except embedded.EmbeddedError as error:
        raise SystemExit(str(error)) from error
    finally:
        embedded.down(only_started_here=True)


def _measure(rooms: list[str]) -> int:
    from django import setup
    from django.core.management import call_command

    from bench.figures import as_table, keep

    setup()
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    found = [figure for room in rooms for figure in importlib.import_module(f"bench.{room}").run()]
    keep(found)
    sys.stdout.write(as_table(found) + "\n")
    return 0 if all(figure.ok for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
