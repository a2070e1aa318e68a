"""The words of an HTML body as a person would read them."""

import re
from html import unescape

from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import etree, html

from tickets.channels.email.decode import clean

LARGEST_LAID_OUT = 300_000  # characters of one mail; above it the tags are only stripped
_DEEPEST_LAID_OUT = 200  # open elements: the renderer calls itself for each, its parser drops those over 256
_LARGEST_CANVAS = 20_000_000  # characters that padding the table cells may take

_XML_DECLARATION = re.compile(r"\s*<\?xml[^<>]*>")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_LINE_TAG = re.compile(
    r"<(?:br|hr|/?(?:p|div|tr|li|ul|ol|dl|dt|dd|table|h[1-6]|blockquote|pre|section|article|center))\b[^<>]*>",
    re.IGNORECASE,
)
_CELL_TAG = re.compile(r"</t[dh]\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")


def text_of_html(source: str, lay_out: bool = True) -> str:
    """The readable text of an HTML document or fragment, clean.

    Laid out (tables, lists) if `lay_out` and its size and depth allow, else with its tags stripped.
    """
    laid_out = _laid_out(source) if lay_out and len(source) <= LARGEST_LAID_OUT else ""
    return clean(_tidy(laid_out or _stripped(source)))


def _laid_out(source: str) -> str:
    try:
        tree = html.document_fromstring(_XML_DECLARATION.sub("", source, count=1))
        if not _is_modest(tree):
            return ""
        _make_plain(tree)
        return Inscriptis(tree, ParserConfig(css=STRICT_CSS_PROFILE)).get_text()
    except Exception:  # whatever a renderer stumbles over, the words are read all the same
        return ""


def _is_modest(tree: html.HtmlElement) -> bool:
    """Whether laying it out takes bounded depth and memory (cells are padded to their column's width)."""
    depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _DEEPEST_LAID_OUT:
            return False
    rows = [len(row) for row in tree.iter("tr")]
    if not rows:
        return True
    lines = _stripped(etree.tostring(tree, encoding="unicode")).split("\n")
    width = min(sum(map(len, lines)), max(map(len, lines)) * max(rows))
    return width * (len(lines) + len(rows)) <= _LARGEST_CANVAS


def _make_plain(tree: html.HtmlElement) -> None:
    """Leave of the attributes only what hides an element: sizes and margins could take any amount of room."""
    for element in tree.iter():
        hidden = _HIDDEN_STYLE.search(element.get("style", "")) if isinstance(element.tag, str) else None
        if isinstance(element.tag, str):
            element.attrib.clear()
            element.text = element.text and element.text.replace("&", "&amp;")  # the renderer unescapes again
        element.tail = element.tail and element.tail.replace("&", "&amp;")
        if hidden:
            element.set("style", "display:none")


def _stripped(source: str) -> str:
    """The text between the tags, in time linear in its length for any input."""
    text = _without(source, "<!--", "-->")
    for name in ("script", "style", "title"):
        text = _without(text, rf"<{name}\b", rf"</{name}\b[^<>]*>")
    text = re.sub(r"\s+", " ", text)
    text = _CELL_TAG.sub("  ", _LINE_TAG.sub("\n", text))
    text = re.sub(r"&#[0-9]{8,}", "\ufffd", _TAG.sub("", text))
    return unescape(text)


def _without(text: str, opening: str, closing: str) -> str:
    """`text` without what stands between two patterns; what is opened and never closed goes to the end."""
    pieces = re.split(opening, text, flags=re.IGNORECASE)
    kept = [pieces[0]]
    for piece in pieces[1:]:
        kept += re.split(closing, piece, maxsplit=1, flags=re.IGNORECASE)[1:]
    return "".join(kept)


def _tidy(text: str) -> str:
    lines = (line.replace("\xa0", " ").rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
