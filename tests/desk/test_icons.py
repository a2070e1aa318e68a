"""Icons as masks: every name that a template or a deed gives one is cut out by the style sheet."""

from __future__ import annotations

import re

from django.conf import settings

from desk import bell, deeds, keys

ROOT = settings.BASE_DIR
MASK = re.compile(r'<i class="(i (?:[^"{]|\{[^}]*\})+)"></i>')
TAG = re.compile(r"\{\{[^}]*\}\}|\{%[^%]*%\}")
SYMBOL = re.compile(r'id="i-([\w-]+)"')


def test_every_icon_has_its_mask_and_every_name_its_icon() -> None:
    sheet = (ROOT / "static/desk/app.css").read_text()
    drawn = set(re.findall(r"\.i-([\w-]+)\{--i:", sheet))
    assert drawn == set(SYMBOL.findall((ROOT / "static/desk/icons.svg").read_text()))
    named = {icon for icon, _words in (*bell.WORDS.values(), *deeds.WORDS.values())}
    named |= {key.icon for key in keys.TABLE.values() if key.icon}
    shown = 0
    for path in (ROOT / "templates/desk").glob("*.html"):
        for classes in MASK.findall(path.read_text()):
            shown += 1
            *_look, name = re.split(r" i-(?!1[24]\b)", classes)
            named |= set(TAG.sub(" ", name).split())
    assert shown > 50
    assert named <= drawn, named - drawn
