"""`make test-voice`: our SIP dialler against a real server and telephones. Further words go to pytest."""

from __future__ import annotations

import os
import subprocess
import sys

from contactcenter import embedded
from tests.voice.telephones import missing


def main(arguments: list[str]) -> int:
    """Run them; without the packages a sentence that names them, and 1."""
    if lacking := missing():
        raise SystemExit(
            f"Not installed: {' and '.join(lacking)}. `apt-get install {' '.join(lacking)}` gives them."
        )
    os.environ.setdefault("VAR_DIR", str(embedded.var_dir() / "test"))
    try:
        embedded.up(durable=False)
        words = [sys.executable, "-m", "pytest", "-m", "voice", "tests/voice", *arguments]
        return subprocess.run(words, check=False).returncode
    except embedded.EmbeddedError as error:
        raise SystemExit(str(error)) from error
    finally:
        embedded.down(only_started_here=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
