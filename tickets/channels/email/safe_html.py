"""A mail's HTML as it may be shown: shapes, colours and its own pictures, and nothing that acts or asks elsewhere.

Pure: no database, no Django. What comes out still belongs into a sandboxed frame with a policy of its own.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import nh3
from lxml import etree, html

LARGEST_SHOWN = 500_000  # characters
# Open elements, and words in one tag: the time of parsers grows with the square of either.
_DEEPEST_SHOWN, _MOST_WORDS = 200, 20_000

_TAGS = {
    "a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center",
    "cite", "code", "col", "colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em", "figcaption", "figure",
    "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main",
    "mark", "nav", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong", "sub",
    "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
_EMPTIED = {"iframe", "math", "noscript", "script", "style", "svg", "template", "textarea", "title", "xmp"}
_EVERYWHERE = {"align", "bgcolor", "dir", "height", "lang", "style", "title", "valign", "width"}
_ATTRIBUTES = {
    "*": _EVERYWHERE,
    "a": {"href"},
    "img": {"src", "alt", "border"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan", "nowrap"},
    "th": {"colspan", "rowspan", "nowrap"},
    "col": {"span"},
    "ol": {"start", "type"},
    "li": {"value"},
}
_STYLES = re.compile(
    r"(background(-color)?|border(-[a-z-]+)?|border-collapse|border-spacing|caption-side|clear|color|direction|display"
    r"|empty-cells|float|font(-[a-z]+)?|height|letter-spacing|line-height|list-style-type|margin(-[a-z]+)?"
    r"|(max|min)-(width|height)|mso-[a-z-]+|opacity|overflow-wrap|padding(-[a-z]+)?|table-layout|text-[a-z-]+"
    r"|vertical-align|visibility|white-space|width|word-break|word-spacing)"
)
# A value with a function other than a colour's could name an address; a backslash could spell one.
_PLAIN_VALUE = re.compile(
    r"(?:[^()\\@<>{}/*]|(?<![a-z-])(?:rgb|rgba|hsl|hsla)\([\d\s.,%/]*\))*", re.IGNORECASE
)
_PICTURE = re.compile(r"data:image/(?:png|gif|jpeg|webp);base64,[A-Za-z0-9+/=\s]*")
_ADDRESS = re.compile(r'(<a\b[^<>]*?) href="')


@dataclass(frozen=True)
class Safe:
    """What may be shown, and how many pictures from elsewhere were left out of it."""

    html: str
    left_out: int


def safe_html(source: str, picture: Callable[[str], str] | None = None) -> Safe | None:
    """The HTML of a mail made safe; None for what is too long or too deep to be laid out.

    `picture` gives the address of the picture with a Content-ID, "" where there is none. A link shows where it leads
    when it is pointed at and leads nowhere: the frame opens nothing.
    """
    if len(source) > LARGEST_SHOWN or not _is_modest(source):
        return None
    filters = _Filters(picture or (lambda _name: ""))
    cleaned = nh3.clean(
        source,
        tags=_TAGS,
        clean_content_tags=_EMPTIED,
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=filters.kept,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        link_rel=None,
    )
    return Safe(_ADDRESS.sub(r'\1 title="', cleaned), filters.left_out)


def _is_modest(source: str) -> bool:
    """Whether no element stands too deep in others, and none has attributes without number."""
    if any(len(tag.split()) > _MOST_WORDS for tag in source.split("<")):
        return False
    parser = html.HTMLParser(recover=True, encoding="utf-8")
    try:
        tree = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return not source.strip()
    if tree is None:
        return True
    depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _DEEPEST_SHOWN:
            return False
    return True


class _Filters:
    """What is left of each attribute; counts the pictures that are left out."""

    def __init__(self, picture: Callable[[str], str]) -> None:
        self._picture = picture
        self.left_out = 0

    def kept(self, _tag: str, attribute: str, value: str) -> str | None:
        """The value that stays, or None."""
        if attribute == "style":
            return _plain_style(value) or None
        if attribute == "src":
            return self._source(value.strip())
        return value

    def _source(self, value: str) -> str | None:
        if value[:4].lower() == "cid:":
            found: str | None = self._picture(value[4:]) or None
        else:
            found = value if _PICTURE.fullmatch(value) else None
        self.left_out += found is None
        return found


def _plain_style(value: str) -> str:
    """The declarations that only shape and colour."""
    kept = []
    for declaration in value.split(";"):
        name, colon, figure = (part.strip() for part in declaration.partition(":"))
        if colon and _STYLES.fullmatch(name.lower()) and _PLAIN_VALUE.fullmatch(figure):
            kept.append(f"{name}:{figure}")
    return ";".join(kept)


def names_of_pictures(pairs: Mapping[str, str]) -> Callable[[str], str]:
    """A look-up of Content-IDs that forgives their case and how they are quoted."""
    known = {name.lower(): found for name, found in pairs.items()}
    return lambda name: known.get(name.lower()) or known.get(unquote(name).lower(), "")
