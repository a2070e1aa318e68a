"""The house of the tests is the house of the demo."""

import signal
import urllib.error
import urllib.request

import pytest
import requests

from tests import make
from tests.infra.people import sign_in

pytestmark = pytest.mark.house


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
            return answer.status
    except (OSError, urllib.error.URLError):
        return None


def test_front_worker_and_beat_run_and_a_killed_front_comes_back(house):
    assert answers(f"{house.url}/healthz") == 200
    house.kill("front")
    assert answers(f"{house.url}/healthz") is None
    house.restart("front")
    assert answers(f"{house.url}/readyz") == 200


def test_pages_and_the_live_stream_share_one_port(house):
    agent = make.make_agent(brands=[make.make_brand()], password="calm-and-dense-desk")
    visitor = requests.Session()
    assert visitor.get(f"{house.url}/live/").status_code == 401
    sign_in(visitor, house.url, agent.email, "calm-and-dense-desk")
    with visitor.get(f"{house.url}/live/", stream=True, timeout=10) as live:
        lines = live.iter_lines(chunk_size=1, decode_unicode=True)
        first = [next(lines) for _ in range(4)]
        assert [first[0], first[1][:3], *first[2:]] == ["retry: 3000", "id:", "event: hello", "data: {}"]
        assert visitor.get(f"{house.url}/").status_code == 200  # pages are served beside an open stream
        front = house.children["front"]
        front.ask_to_stop()
        front.wait_or_kill()
        assert front.exit_code() == -signal.SIGTERM  # by itself, though the stream was open
