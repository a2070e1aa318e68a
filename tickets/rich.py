"""What agents write in the composer: plain words in which `**bold**`, lists, `[links](https://…)` and pictures count.

A part of Markdown that spares what only looks like it: 2*3*4, snake_case, #4812, C:\\*, > and 1. in a sentence stay
as they were typed. Bold stands at the edges of words, a list has two lines or more, a link leads to http, https or
mailto. HTML is never read: every tag that comes out is one of `TAGS`, written here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.list import list_block
from markdown_it.token import Token

TAGS = frozenset({"p", "br", "strong", "ul", "ol", "li", "a", "img"})
MOST_CHARACTERS = 100_000
PICTURE = re.compile(r"!\[([^\]\n]{0,200})\]\(file:(\d{1,18})\)")
_MARKS = re.compile(
    r"\*\*\S|\]\((?:https?:|mailto:|file:)|https?://|^ {0,3}(?:[-*]|\d{1,3}\.) ", re.MULTILINE
)
_ITEM = {True: re.compile(r"\d{1,3}\. +\S"), False: re.compile(r"[-*] +\S")}
_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\"'.,;:!?)\]*]")
_TARGET = re.compile(r"(?:https?://|mailto:)\S+|file:\d{1,18}", re.IGNORECASE)

Pictures = Mapping[int, str]  # of a file's id: where the picture is to be had


def has_marks(text: str) -> bool:
    """Whether anything in the text would be shown otherwise than it was typed."""
    return bool(_MARKS.search(text))


def rendered(text: str, pictures: Pictures | None = None) -> SafeString:
    """The text as HTML of `TAGS` alone. A picture that is not among `pictures` is told by its name."""
    if len(text) > MOST_CHARACTERS:
        return mark_safe(f"<p>{escape(text)}</p>")  # noqa: S308  escaped
    tokens = _READER.parse(text)
    return mark_safe("".join(_html(tokens, pictures or {})).strip())  # noqa: S308  every part is escaped or ours


def plain(text: str) -> str:
    """The text for a mail without HTML: as it was typed, with the names of pictures in their places, tidy."""
    named = PICTURE.sub(lambda found: f"[{found[1]}]", text)
    return "\n".join(line.rstrip() for line in named.splitlines()).strip("\n")


def in_a_line(text: str) -> str:
    """The words of the text in one line, as a list shows them: without marks, pictures by their names."""
    parts = [_words(one) for token in _READER.parse(text) for one in [*_plainer(token.children or []), None]]
    return " ".join("".join(parts).split())


def pictures_in(text: str) -> list[int]:
    """The ids of the files that stand in the text as pictures."""
    return [int(number) for _name, number in PICTURE.findall(text)]


def _two_or_more(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A list of markdown-it, where at least two lines are items of it; a single line that looks so is none."""
    first = _line(state, start)
    ordered = bool(_ITEM[True].match(first))
    if not ordered and not _ITEM[False].match(first):
        return False
    if state.listIndent >= 0:  # within a list that was begun
        return list_block(state, start, end, silent)
    for number in range(start + 1, end):
        following = _line(state, number)
        if _ITEM[ordered].match(following):
            return list_block(state, start, end, silent)
        if not following.strip():
            return False
    return False


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _reader() -> MarkdownIt:
    reader = MarkdownIt("zero", {"html": False, "breaks": True, "maxNesting": 20})
    reader.enable(
        ["list", "newline", "link", "image", "emphasis", "balance_pairs", "fragments_join"],
        ignoreInvalid=True,
    )
    reader.block.ruler.at("list", _two_or_more, {"alt": ["paragraph", "reference", "blockquote"]})
    reader.validateLink = lambda url: bool(_TARGET.fullmatch(url))  # type: ignore[method-assign]
    return reader


def _html(tokens: Sequence[Token], pictures: Pictures) -> list[str]:
    out: list[str] = []
    for token in tokens:
        if token.type == "inline":
            out += [_inline(one, pictures) for one in _plainer(token.children or [])]
        elif token.type == "list_item_open":
            out.append(f'<li value="{int(token.info)}">' if token.info.isdecimal() else "<li>")
        elif token.type in ("paragraph_open", "paragraph_close"):
            out.append(
                "" if token.hidden else f"<{'/' * (token.nesting < 0)}p>\n"[: 4 if token.nesting < 0 else 3]
            )
        elif token.tag in ("ul", "ol", "li"):
            out.append(f"<{'/' * (token.nesting < 0)}{token.tag}>")
    return out


def _inline(token: Token, pictures: Pictures) -> str:
    writers: dict[str, Callable[[], str]] = {
        "softbreak": lambda: "<br>\n",
        "hardbreak": lambda: "<br>\n",
        "strong_open": lambda: "<strong>",
        "strong_close": lambda: "</strong>",
        "link_open": lambda: _link(str(token.attrGet("href"))),
        "link_close": lambda: "</a>",
        "image": lambda: _picture(token, pictures),
    }
    return writers.get(token.type, lambda: escape(token.content))()


def _words(token: Token | None) -> str:
    if token is None or token.type in ("softbreak", "hardbreak"):
        return " "
    return f"[{token.content}]" if token.type == "image" else token.content


def _link(href: str) -> str:
    return f'<a href="{escape(href)}" target="_blank" rel="noopener noreferrer nofollow">'


def _picture(token: Token, pictures: Pictures) -> str:
    name, source = token.content, str(token.attrGet("src"))
    place = pictures.get(int(source[5:])) if source.startswith("file:") else None
    if place:
        return f'<img src="{escape(place)}" alt="{escape(name)}">'
    return escape(f"[{name}]" if source.startswith("file:") else f"![{name}]({source})")


def _plainer(children: list[Token]) -> list[Token]:
    """What inline marks are worth: `*`, `_`, bold within a word and links to files are the signs they were."""
    out: list[Token] = []
    opened: list[int] = []
    file = ""
    for place, token in enumerate(children):
        if token.type in ("em_open", "em_close") or token.markup == "__":
            _say(out, token.markup)
        elif token.type == "strong_open":
            opened.append(len(out))
            out.append(token)
        elif token.type == "strong_close":
            begin = opened.pop()
            before = out[begin - 1].content[-1:] if begin else ""
            after = children[place + 1].content[:1] if place + 1 < len(children) else ""
            if before.isalnum() or after.isalnum():
                out[begin] = Token("text", "", 0, content="**")
                _say(out, "**")
            else:
                out.append(token)
        elif token.type == "link_open" and str(token.attrGet("href")).startswith("file:"):
            file = str(token.attrGet("href"))
            _say(out, "[")
        elif token.type == "link_close" and file:
            _say(out, f"]({file})")
            file = ""
        elif token.type == "text":
            _say(out, token.content)
        else:
            out.append(token)
    return _with_addresses(_joined(out))


def _say(out: list[Token], text: str) -> None:
    out.append(Token("text", "", 0, content=text))


def _joined(tokens: list[Token]) -> list[Token]:
    out: list[Token] = []
    for token in tokens:
        if token.type == "text" and out and out[-1].type == "text":
            out[-1] = Token("text", "", 0, content=out[-1].content + token.content)
        else:
            out.append(token)
    return out


def _with_addresses(tokens: list[Token]) -> list[Token]:
    """Web addresses that stand in the words can be followed, where no link stands around them."""
    out: list[Token] = []
    within = 0
    for token in tokens:
        within += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type != "text" or within:
            out.append(token)
            continue
        at = 0
        for found in _ADDRESS.finditer(token.content):
            _say(out, token.content[at : found.start()])
            out.append(Token("link_open", "a", 1, attrs={"href": found[0]}))
            _say(out, found[0])
            out.append(Token("link_close", "a", -1))
            at = found.end()
        _say(out, token.content[at:])
    return out


_READER: Any = _reader()
