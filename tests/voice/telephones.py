"""A SIP server and telephones from Debian's packages, on loopback, in a folder of their own."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from string import Template

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAMS = (
    "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"  # Debian keeps Kamailio where only root's PATH looks
)
LIMIT = 15.0  # seconds, for anything that is waited for
PHONE = """
sip_listen 127.0.0.1:$port
net_interface 127.0.0.1
module_path $modules
module g711.so
module aubridge.so
audio_source aubridge,nil
audio_player aubridge,nil
audio_alert aubridge,nil
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:$control
"""


class Server(Template):
    delimiter = "@"  # Kamailio has its own use for the dollar


def missing() -> list[str]:
    """The packages without which none of this can run."""
    programs = {"kamailio": "kamailio", "baresip": "baresip-core"}
    return [package for program, package in programs.items() if not shutil.which(program, path=PROGRAMS)]


def wait_until(true: Callable[[], object], what: str) -> None:
    """Wait until `true` is; after 15 s the test fails and says `what` did not come."""
    ends = time.monotonic() + LIMIT
    while not true():
        if time.monotonic() > ends:
            raise AssertionError(f"After {LIMIT:.0f} s still not: {what}")
        time.sleep(0.05)


@contextmanager
def kamailio(folder: Path, *, rings: float = 10) -> Iterator[int]:
    """A SIP server that lets a telephone ring so many seconds; gives its port, for SIP and for JSON-RPC."""
    port = free_ports(1)
    modules = _modules("kamailio/modules", "tm.so")
    words = {
        "port": port,
        "modules": modules,
        "rings": int(rings * 1000),
        "callbacks": REPOSITORY / "deploy" / "kamailio-callbacks.cfg",
    }
    written = folder / "kamailio.cfg"
    written.write_text(Server((Path(__file__).parent / "kamailio.cfg").read_text()).substitute(words))
    arguments = ["-DD", "-E", "-m", "64", "-M", "8", "-Y", str(folder), "-f", str(written)]
    with running("kamailio", arguments, folder) as process:
        wait_until(lambda: answers(port) or process.poll() is not None, "Kamailio answers")
        assert process.poll() is None, (folder / "kamailio.log").read_text(errors="replace")[-2000:]
        yield port


class Telephone:
    """A baresip that is registered as `name`, and its keys."""

    def __init__(self, name: str, control: int) -> None:
        self.name = name
        self.control = control

    def press(self, command: str) -> str:
        """What it answers to a command of its menu: `accept`, `hangup`, `listcalls`."""
        said = json.dumps({"command": command, "token": "us"}).encode()
        with socket.create_connection(("127.0.0.1", self.control), timeout=LIMIT) as line:
            line.sendall(b"%d:%s," % (len(said), said))
            with line.makefile("rb") as coming:
                while True:
                    told = json.loads(coming.read(int(_until_colon(coming))))
                    coming.read(1)
                    if told.get("response"):
                        return str(told.get("data"))

    def hears(self, word: str) -> bool:
        """Whether its list of calls holds `word`: INCOMING, ESTABLISHED."""
        return word in self.press("listcalls")


@contextmanager
def telephone(folder: Path, name: str, server: int, *, picks_up: bool = False) -> Iterator[Telephone]:
    """A telephone at the server; `picks_up` by itself, or rings until somebody presses a key."""
    home = folder / name
    home.mkdir()
    port = free_ports(2)
    control = free_ports(2)
    modules = _modules("baresip/modules", "menu.so")
    words = {"port": port, "control": control, "modules": modules}
    (home / "config").write_text(Template(PHONE).substitute(words))
    answers_by = "auto" if picks_up else "manual"
    account = f"<sip:{name}@127.0.0.1:{server}>;regint=60;answermode={answers_by};auth_pass=none\n"
    (home / "accounts").write_text(account)
    with running("baresip", ["-f", str(home)], home):
        said = home / "baresip.log"
        wait_until(lambda: "200 OK" in said.read_text(errors="replace"), f"{name} is registered")
        yield Telephone(name, control)


@contextmanager
def running(program: str, arguments: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program whose words go to a file in `folder`; ended, or killed after five seconds."""
    path = shutil.which(program, path=PROGRAMS)
    assert path, f"{program} is not installed"
    with (folder / f"{program}.log").open("wb") as log:
        environment = {"HOME": str(folder), "PATH": PROGRAMS}
        process = subprocess.Popen(
            [path, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=folder,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(port: int) -> bool:
    """Whether somebody takes calls there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def free_ports(number: int) -> int:
    """The first of `number` ports in a row that are free for UDP and TCP: baresip takes one and the next."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            first = int(taken.getsockname()[1])
        if all(_is_free(port) for port in range(first, first + number)):
            return first


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def _modules(folder: str, one: str) -> Path:
    """Where a program's modules lie: Debian's folder for this machine, or the common one."""
    found = [*Path("/usr/lib").glob(f"*/{folder}/{one}"), *Path("/usr/lib").glob(f"{folder}/{one}")]
    assert found, f"No {folder}/{one} under /usr/lib"
    return found[0].parent


def _until_colon(coming: object) -> str:
    length = b""
    while (read := coming.read(1)) not in (b":", b""):  # type: ignore[attr-defined]
        length += read
    return length.decode()
