"""Which parts of a mail are its words, and which hang on it."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from html import escape

from tickets.channels.email.decode import clean, text_decoded
from tickets.channels.email.html_text import LARGEST_LAID_OUT, text_of_html
from tickets.channels.email.mime import DEEPEST, MOST_PARTS, Entity, parts_of

_META_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
# What a sender puts into multipart/alternative as the same words in another form.
_FORMS = {"text/plain", "text/html", "text/enriched", "text/richtext", "text/x-amp-html", "text/watch-html"}


@dataclass
class Block:
    """One piece of the message's words, in the order of reading."""

    entity: Entity
    source: str  # decoded and clean; HTML where the part is HTML
    lay_out: bool = True  # whether HTML is worth the time of laying it out

    @property
    def is_html(self) -> bool:
        """Whether `source` is HTML."""
        return self.entity.content_type == "text/html"

    @cached_property
    def text(self) -> str:
        """The words to read."""
        return text_of_html(self.source, self.lay_out) if self.is_html else self.source

    @property
    def html(self) -> str:
        """The same as HTML, not yet safe to show."""
        return self.source if self.is_html else f"<pre>{escape(self.source)}</pre>"


@dataclass
class Content:
    """What a part comes to: its words as text, the same in their richest form, and what hangs on it."""

    texts: list[Block] = field(default_factory=list)
    forms: list[Block] = field(default_factory=list)
    attachments: list[Entity] = field(default_factory=list)

    def has_words(self) -> bool:
        """Whether there is more than blank text."""
        return any(block.text.strip() for block in self.texts)


def content_of(message: Entity) -> Content:
    """Sort the whole message: nothing of it is in neither place.

    A message without any text takes its first inline text part as the words, though it bears a file name.
    """
    content = _Sorter().sort(message, depth=0)
    if not content.has_words():
        _promote_named_text(content)
    return content


def _promote_named_text(content: Content) -> None:
    for number, entity in enumerate(content.attachments):
        if (
            entity.content_type.startswith("text/")
            and not entity.is_attached
            and entity.content_type != "text/calendar"
        ):
            block = _block(entity)
            if block.text.strip():
                content.texts, content.forms = [block], [block]
                del content.attachments[number]
                return


class _Sorter:
    """One walk over the tree of parts, with a bound on their number."""

    def __init__(self) -> None:
        self._parts_left = MOST_PARTS
        self._html_left = LARGEST_LAID_OUT

    def sort(self, entity: Entity, depth: int, alternative: bool = False) -> Content:
        """The content of one entity and all below it."""
        if not entity.is_multipart:
            return self._leaf(entity, alternative)
        if depth >= DEEPEST or self._parts_left <= 0:
            return Content(attachments=[_as_message(entity)])
        parts, rest = parts_of(entity, self._parts_left)
        if not parts:
            return _words(_block(entity))
        self._parts_left -= len(parts)
        is_choice = entity.content_type == "multipart/alternative"
        children = [self.sort(part, depth + 1, is_choice) for part in parts]
        content = _chosen(children) if is_choice else _in_sequence(children)
        if rest:
            content.attachments.append(_as_message(Entity(b"\r\n" + rest)))
        return content

    def _leaf(self, entity: Entity, alternative: bool) -> Content:
        kinds = _FORMS if alternative else {"text/plain", "text/html"}
        named = bool(entity.given_name) and not alternative
        if entity.content_type not in kinds or entity.is_attached or named:
            return Content(attachments=[entity])
        block = _block(entity)
        if block.is_html:
            self._html_left -= len(block.source)
            block.lay_out = self._html_left >= 0
        return _words(block)


def _words(block: Block) -> Content:
    return Content([block], [block])


def _block(entity: Entity) -> Block:
    data = entity.content
    charset = entity.charset
    if not charset and entity.content_type == "text/html" and (found := _META_CHARSET.search(data[:4096])):
        charset = found[1].decode("ascii")
    return Block(entity, clean(text_decoded(data, charset)))


def _as_message(entity: Entity) -> Entity:
    """What is too deep or too much to take apart, kept whole as a message of its own."""
    return Entity(b"Content-Type: message/rfc822\r\n\r\n" + entity.raw)


def _in_sequence(children: list[Content]) -> Content:
    content = Content()
    for child in children:
        content.attachments += child.attachments
        if _says_the_same(content, child):
            content.forms = child.forms
        else:
            content.texts += child.texts
            content.forms += child.forms
    return content


def _says_the_same(before: Content, child: Content) -> bool:
    """Whether `child` is HTML that only repeats the plain text before it: a choice not marked as one."""
    if (
        len(child.texts) != 1
        or len(before.texts) != 1
        or before.texts[0].is_html
        or not child.texts[0].is_html
    ):
        return False
    words = _letters(before.texts[0].text)
    return bool(words) and words == _letters(child.texts[0].text)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _chosen(children: list[Content]) -> Content:
    """The plain words if there are any, else the richest; the other forms of them are not attached."""
    plain = [child for child in children if _is_plain(child) and child.has_words()]
    spoken = [child for child in children if child.has_words()]
    chosen = plain[0] if plain else spoken[-1] if spoken else Content()
    rich = [child for child in children if any(block.is_html for block in child.forms)]
    attachments = [entity for child in children for entity in child.attachments]
    for other in plain[1:]:  # a second plain text is no other form of the first unless it says the same
        if _letters(_joined(other)) != _letters(_joined(chosen)):
            attachments += [block.entity for block in other.texts]
    return Content(chosen.texts, rich[-1].forms if rich else chosen.forms, attachments)


def _is_plain(content: Content) -> bool:
    return any(block.entity.content_type == "text/plain" for block in content.texts)


def _joined(content: Content) -> str:
    return "\n".join(block.text for block in content.texts)


def text_of(content: Content) -> str:
    """The words to read: one block as it stands, several with a blank line between them."""
    texts = [text for block in content.texts if (text := block.text).strip()]
    if len(texts) == 1:
        return texts[0]
    return clean("\n\n".join(text.strip("\n") for text in texts))


def html_of(content: Content) -> str:
    """The message as HTML, not yet safe to show; nothing where the sender sent none."""
    if not any(block.is_html for block in content.forms):
        return ""
    return "\n".join(block.html for block in content.forms if block.source.strip())
