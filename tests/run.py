"""`make test`: a browser, a proxy, servers, then the whole suite in its groups. Further words go to pytest."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from contactcenter import embedded
from tests import chromium, nginx

GROUPS = (
    # Whoever has nothing left takes over half of what the other has: no worker idles while long tests wait.
    ("-n", "2", "--dist", "worksteal", "-m", "not (race or browser or house or voice)"),
    ("-m", "race"),
    # One at a time: a long deed in one database of a server (the demo is told) keeps back the events of every other.
    ("-m", "browser or house"),
)
NOTHING_CHOSEN = 5  # pytest's exit code when a group holds no test


def main(arguments: list[str]) -> int:
    """Run every group, also after one failed; 0 when all is well and something ran."""
    chromium.main()
    nginx.main()
    os.environ.setdefault("VAR_DIR", str(embedded.var_dir() / "test"))
    try:
        embedded.up(durable=False)
        with TemporaryDirectory() as folder:
            reports = [Path(folder, f"{number}.xml") for number in range(len(GROUPS))]
            codes = [
                _pytest([*group, f"--junit-xml={report}", *arguments])
                for group, report in zip(GROUPS, reports, strict=True)
            ]
            sys.stdout.writelines(f"{line}\n" for line in _failures(reports))
    except embedded.EmbeddedError as error:
        raise SystemExit(str(error)) from error
    finally:
        embedded.down(only_started_here=True)
    bad = [code for code in codes if code not in (0, NOTHING_CHOSEN)]
    return bad[0] if bad else min(codes)


def _failures(reports: list[Path]) -> Iterator[str]:
    """Every test that failed in any group, with the end of what it said: printed last, where a reader looks first."""
    for report in filter(Path.exists, reports):
        for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - written by our own pytest
            for bad in [*case.findall("failure"), *case.findall("error")]:
                yield f"FAILED {case.get('classname')}::{case.get('name')}"
                yield from (f"    {line}" for line in (bad.text or "").splitlines()[-12:])


def _pytest(arguments: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
