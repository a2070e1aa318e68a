"""The production commands of the table, behind a real nginx with our template."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests

from tests import databases, make
from tests.infra.people import send_form, sign_in
from tests.infra.production import TEMPLATE, Production, Proxy, open_production, open_proxy, until

pytestmark = pytest.mark.house
PASSWORD = "calm-and-dense-desk"
SOON = 10  # seconds; the first event of a stream that is held back would come after minutes

FORGED = {
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "81",
    "X-Forwarded-For": "203.0.113.9",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9;host=evil.example;proto=http",
    "X_Forwarded_Proto": "http",
}


@pytest.fixture
def production(own_db: str) -> Iterator[Production]:
    with open_production(databases.url_of(own_db)) as opened:
        yield opened


@pytest.fixture
def ana(own_db: str) -> str:
    brand = make.make_brand(code="FF", name="Fjord & Finch")
    return make.make_agent(brands=[brand], email="ana@ff.example", password=PASSWORD).email


def signed_in(production: Production, email: str) -> requests.Session:
    visitor = production.proxy.visitor()
    sign_in(visitor, production.proxy.https, email, PASSWORD)
    return visitor


def lines_of(stream: requests.Response) -> Iterator[str]:
    return stream.iter_lines(chunk_size=1, decode_unicode=True)


def test_production_serves_its_desk_behind_nginx(production: Production, ana: str) -> None:
    visitor = signed_in(production, ana)

    # The desk, over TLS only, with cookies that leave on TLS only.
    desk = visitor.get(f"{production.proxy.https}/")
    assert desk.status_code == 200
    assert "Choose a ticket" in desk.text or "Nothing of yours waits" in desk.text
    assert all(cookie.secure for cookie in visitor.cookies)
    assert desk.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "nginx/" not in desk.headers["Server"]
    plain = visitor.get(f"{production.proxy.http}/accounts/sign-in/", allow_redirects=False)
    assert (plain.status_code, plain.headers["Location"]) == (301, "https://localhost/accounts/sign-in/")

    # Static files carry a digest and are kept for good.
    style = re.search(r'href="(/static/desk/app\.[0-9a-f]{12}\.css)"', desk.text)
    assert style
    sheet = visitor.get(production.proxy.https + style[1])
    assert sheet.status_code == 200
    assert sheet.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert sheet.headers["Content-Encoding"] in ("gzip", "br")

    # Health, for probes as well, which know neither name nor TLS.
    assert visitor.get(f"{production.proxy.https}/healthz").json() == {"status": "alive"}
    assert requests.get(f"{production.children['web'].address.url}/healthz", timeout=SOON).status_code == 200
    until(
        lambda: visitor.get(f"{production.proxy.https}/readyz").json()["status"] == "ready",
        "the clock does not run",
    )

    # Too large is refused by the proxy, before it costs the desk anything.
    large = visitor.post(f"{production.proxy.https}/accounts/sign-in/", data=b"x" * (26 * 2**20))
    assert large.status_code == 413

    # Who claims to come without TLS is not sent in circles; a name that is not ours gets nothing.
    assert visitor.get(f"{production.proxy.https}/", headers=FORGED, allow_redirects=False).status_code == 200
    assert visitor.get(f"{production.proxy.https}/", headers={"Host": "evil.example"}).status_code == 400

    the_stream_comes_at_once_and_ends_with_the_session(production, visitor, ana)
    everything_stops_when_told(production, ana)


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers it was sent."""

    def do_GET(self) -> None:
        words = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, *_words: object) -> None:
        """Nothing is written down."""


@pytest.mark.parametrize("path", ["/", "/live/"])
def test_what_a_browser_says_of_proxies_never_reaches_the_desk(tmp_path: Path, path: str) -> None:
    echo = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Thread(target=echo.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{echo.server_port}"
    with open_proxy(tmp_path, web=address, stream=address) as proxy, proxy.visitor() as visitor:
        answer = visitor.get(f"{proxy.https}{path}", headers=FORGED, timeout=SOON).json()
    echo.shutdown()
    ours = {"x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https", "host": proxy.https.split("/")[2]}
    assert {name: value for name, value in answer.items() if "forwarded" in name or name == "host"} == ours
    assert "x-real-ip" not in answer


def test_how_ready_the_house_is_nginx_tells_private_addresses_only(tmp_path: Path) -> None:
    echo = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Thread(target=echo.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{echo.server_port}"

    def answers(proxy: Proxy) -> list[int]:
        with proxy.visitor() as visitor:
            paths = ("/readyz", "/healthz")
            return [visitor.get(f"{proxy.https}{path}", timeout=SOON).status_code for path in paths]

    with open_proxy(tmp_path, web=address, stream=address) as proxy:
        assert answers(proxy) == [200, 200]
        proxy.start(TEMPLATE.read_text().replace("allow 127.0.0.0/8;", ""))  # now we are strangers
        assert answers(proxy) == [403, 200]
    echo.shutdown()


def the_stream_comes_at_once_and_ends_with_the_session(
    production: Production, visitor: requests.Session, ana: str
) -> None:
    live = f"{production.proxy.https}/live/"
    assert production.proxy.visitor().get(live).status_code == 401
    with visitor.get(live, stream=True, timeout=SOON) as stream:
        assert (stream.status_code, stream.headers["Content-Type"]) == (200, "text/event-stream")
        lines = lines_of(stream)
        first = [next(lines) for _ in range(4)]
        assert [first[0], first[1][:3], *first[2:]] == ["retry: 3000", "id:", "event: hello", "data: {}"]
        assert ": still here" in lines
        assert ": still here" in lines

    # The control. The stream itself asks a proxy to hold nothing back: one that does not listen is needed for it.
    deaf = "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;"
    held_back = TEMPLATE.read_text().replace("proxy_buffering off;", deaf)
    production.proxy.start(held_back)
    with (
        pytest.raises((requests.ConnectionError, requests.Timeout)),
        visitor.get(live, stream=True, timeout=3) as stream,
    ):
        next(lines_of(stream))
    production.proxy.start(TEMPLATE.read_text())

    with visitor.get(live, stream=True, timeout=SOON) as stream:
        lines = lines_of(stream)
        assert "event: hello" in lines
        send_form(visitor, f"{production.proxy.https}/accounts/sign-out/")
        assert list(lines)[-1] in (": still here", "")  # it came to its end
    assert visitor.get(live).status_code == 401
    signed_in(production, ana)


def everything_stops_when_told(production: Production, ana: str) -> None:
    """With a stream open, each process ends by itself on SIGTERM."""
    visitor = signed_in(production, ana)
    with visitor.get(f"{production.proxy.https}/live/", stream=True, timeout=SOON) as stream:
        assert "event: hello" in lines_of(stream)
        for each in production.children.values():
            each.ask_to_stop()
        for name, each in production.children.items():
            until(lambda each=each: each.exit_code() is not None, f"{name} did not stop")
    assert {name: each.exit_code() for name, each in production.children.items()} == {
        "web": 0,
        "stream": -signal.SIGTERM,
        "worker": 0,
        "beat": 0,
    }
