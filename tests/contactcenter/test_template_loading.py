from __future__ import annotations

from django.template.loader import get_template


def test_pages_of_the_desk_are_sent_without_their_indentation_and_letters_as_they_stand() -> None:
    assert "\n  " not in get_template("desk/_head.html").template.source
    assert "\n<h1" in get_template("desk/_head.html").template.source
    assert "\n  " in get_template("base.html").template.source
