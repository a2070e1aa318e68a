"""What `make test` prints last: every test that failed, from whichever group."""

from __future__ import annotations

from pathlib import Path

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
