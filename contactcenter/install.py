"""`make install`: the virtual environment with the locked requirements.

Standard library only, and readable by Python 3.6: who has a wrong Python must get the sentence that says so.
"""
# ruff: noqa: UP006, UP035, UP045

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import List, NoReturn, Optional, Tuple

REPOSITORY = Path(__file__).resolve().parent.parent
ENVIRONMENT = REPOSITORY / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
MADE_AT = ENVIRONMENT / "made-at"  # scripts inside name this folder, so a moved environment is made anew
STAMP = ENVIRONMENT / "installed"
GOOD = ((3, 11), (3, 12), (3, 13))

NO_VENV = (
    "This Python ({}) cannot make virtual environments; on Debian and Ubuntu "
    "`apt-get install python3-venv` gives it what it lacks."
)
NO_ROOM = ("no space left", "disk quota exceeded", "errno 28")
NO_NETWORK = (
    "name resolution",
    "name or service not known",
    "dns error",
    "failed to establish a new connection",
    "error sending request",
    "failed to connect",
    "connection refused",
    "network is unreachable",
    "no route to host",
    "timed out",
    "proxyerror",
)


def main(arguments: List[str]) -> None:
    """Install what running needs, with `--dev` what developing needs as well; at once when that is done."""
    locks = ["requirements.txt"] + (["requirements-dev.txt"] if "--dev" in arguments else [])
    if made_here() and STAMP.exists() and set(stamps(locks)) <= set(STAMP.read_text().splitlines()):
        return
    try:
        if not made_here():
            make_environment(suitable_python())
        install(locks[-1])  # the one for developing holds the one for running
        STAMP.write_text("\n".join(stamps(locks)))
    except OSError as error:
        refuse_for(str(error), f"The environment could not be made: {error}.")


def stamps(locks: List[str]) -> List[str]:
    """One line for each lock file, which changes with its content."""
    return [name + " " + hashlib.sha256((REPOSITORY / name).read_bytes()).hexdigest() for name in locks]


def made_here() -> bool:
    """Whether the environment is whole, stands where it was made, and its Python still runs.

    One that somebody made by hand is used as it is.
    """
    if MADE_AT.exists():
        return MADE_AT.read_text() == str(ENVIRONMENT) and version_of(str(PYTHON)) in GOOD
    return (ENVIRONMENT / "bin" / "pip").exists() and version_of(str(PYTHON)) in GOOD


def suitable_python() -> str:
    """This interpreter, or one of the right version from PATH."""
    if sys.version_info[:2] in GOOD:
        return sys.executable
    for name in ("python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found and version_of(found) in GOOD:
            return found
    raise SystemExit(
        "Loyalty Desk needs Python 3.11, 3.12 or 3.13, and this is {}.{}: install one of them, "
        "or name it with `make demo PYTHON=/path/to/python3.12`.".format(*sys.version_info[:2])
    )


def version_of(python: str) -> Optional[Tuple[int, ...]]:
    """The version of an interpreter, such as (3, 12); None where it does not run."""
    question = "import sys; print('%d %d' % sys.version_info[:2])"
    try:
        said = subprocess.check_output([python, "-c", question], stderr=subprocess.DEVNULL)  # noqa: S603
        return tuple(int(part) for part in said.split())
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def make_environment(python: str) -> None:
    """Make .venv afresh, with uv where that is at hand (it needs no ensurepip)."""
    if ENVIRONMENT.exists():
        shutil.rmtree(str(ENVIRONMENT))
    uv = shutil.which("uv")
    command = [uv, "venv", "--quiet", "--python", python] if uv else [python, "-m", "venv"]
    code, said = run([*command, str(ENVIRONMENT)])
    if code:
        refuse_for(said, NO_VENV.format(python))
    MADE_AT.write_text(str(ENVIRONMENT))


def install(lock: str) -> None:
    """Install one lock file, every file checked against its hash."""
    sys.stdout.write(f"Installing {lock} into .venv; this happens once.\n")
    sys.stdout.flush()
    bundled = ENVIRONMENT / "bin" / "uv"
    uv = shutil.which("uv") or (str(bundled) if bundled.exists() else None)
    if uv:
        command = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(PYTHON)]
    else:
        pip = "-m pip install --quiet --no-input --disable-pip-version-check --retries 2 --timeout 20"
        command = [str(PYTHON), *pip.split()]
    code, said = run([*command, "--require-hashes", "--requirement", str(REPOSITORY / lock)])
    if code:
        refuse_for(said, f"{lock} could not be installed:\n{said.strip()[-2000:]}")


def run(command: List[str]) -> Tuple[int, str]:
    """The exit code of a command, and all it said."""
    child = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=str(REPOSITORY),
    )
    said = child.communicate()[0]
    return child.returncode, said.decode("utf-8", "replace")


def refuse_for(said: str, otherwise: str) -> NoReturn:
    """Refuse with the sentence that fits what a program said: no room, no network, or `otherwise`."""
    words = said.lower()
    if any(sign in words for sign in NO_ROOM):
        raise SystemExit(f"The disk of {REPOSITORY} is full: the environment needs 600 MB.")
    if any(sign in words for sign in NO_NETWORK):
        raise SystemExit("No network: the packages could not be fetched. Connect, then try again.")
    raise SystemExit(otherwise)


if __name__ == "__main__":
    main(sys.argv[1:])
