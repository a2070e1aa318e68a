"""The house of the tests is the house of the demo."""

import urllib.error
import urllib.request

import pytest

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
