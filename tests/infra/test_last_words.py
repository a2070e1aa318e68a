"""What `make check` and `make test` print last: what failed, from whichever group."""

from __future__ import annotations

from pathlib import Path

from tests import check
from tests.run import _failures

REPORT = """<testsuites><testsuite><testcase classname="tests.a" name="test_well"/>
<testcase classname="tests.b" name="test_bad"><failure message="x">def test_bad():
E   assert 1 == 2</failure></testcase>
<testcase classname="tests.c" name="test_broken"><error message="y">no fixture</error></testcase>
</testsuite></testsuites>"""


def test_failures_of_every_group_are_told_with_their_words(tmp_path: Path) -> None:
    written, never_written = tmp_path / "0.xml", tmp_path / "1.xml"
    written.write_text(REPORT)

    told = list(_failures([written, never_written]))

    assert told == [
        "FAILED tests.b::test_bad",
        "    def test_bad():",
        "    E   assert 1 == 2",
        "FAILED tests.c::test_broken",
        "    no fixture",
    ]


def test_checks_that_found_something_are_named_at_the_end() -> None:
    assert (
        check.last_words({"lint": True, "templates": False, "types": False}) == "Not clean: templates, types"
    )
    assert check.last_words({"lint": True, "types": True}) == "All 2 checks are clean."
