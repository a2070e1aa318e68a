"""The header of a message or part: its fields, encoded words, parameters, addresses, identifiers, date."""

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import mktime_tz, parsedate_tz

from tickets.channels.email.decode import base64_decoded, clean_line, text_decoded

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(?!//)(.*)", re.DOTALL)
_BLANK_LINE = re.compile(rb"(?:\A|\n)\r*\n")
_MOST_FIELDS = 2_000
_LONGEST_VALUE = 256 * 1024  # bytes of one field that are read; the raw message keeps the rest
_ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([BbQq])\?")
_LONGEST_ADDRESS, _LONGEST_IDENTIFIER = 320, 998  # characters (RFC 5321, RFC 5322)
_PLAIN_ADDRESS = re.compile(
    r'(?<![^\s<>()\[\]:;,@"\\])'  # begins and ends where a word does: no piece of a longer one
    r'("(?:[^"\\]|\\.){1,64}"|[^\s<>()\[\]:;,@"\\]{1,128})'
    r"@([^\s<>()\[\]:;,@\"\\]{1,255}|\[[^\s<>()\[\];,@\"\\]{1,255}\])"
    r'(?![^\s<>()\[\]:;,@"\\])'
)


class Headers:
    """The fields of one header in their order; names without regard to case, values as raw unfolded bytes."""

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self._values: dict[str, list[bytes]] = {}
        for name, value in fields:
            self._values.setdefault(name, []).append(value[:_LONGEST_VALUE].strip())

    def raw(self, name: str) -> list[bytes]:
        """Every value of the field, as bytes."""
        return self._values.get(name, [])

    def every(self, name: str, charset: str = "") -> list[str]:
        """Every value as text, encoded words not yet decoded; 8-bit is UTF-8, else `charset`."""
        return [_eight_bit(value, charset) for value in self.raw(name)]

    def first(self, name: str, charset: str = "") -> str:
        """The first value of the field that is not empty, as `every` gives it; else nothing."""
        return next((value for value in self.every(name, charset) if value), "")


def _eight_bit(value: bytes, charset: str) -> str:
    if value.isascii() or not charset:
        return text_decoded(value, "")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return text_decoded(value, charset)


def split_header(raw: bytes) -> tuple[Headers, bytes]:
    """A message or part as its header and the bytes of its body.

    A line that is no field is taken as a badly folded piece of the field before it if fields follow, else as
    the beginning of the body.
    """
    blank = _BLANK_LINE.search(raw)
    end, body = (blank.start(), blank.end()) if blank else (len(raw), len(raw))
    lines = raw[:end].split(b"\n")
    last_field = max((number for number, line in enumerate(lines) if _FIELD.match(line)), default=-1)
    fields: list[tuple[str, list[bytes]]] = []
    position = 0
    for number, line in enumerate(lines):
        if number > last_field and line[:1] not in (b" ", b"\t", b"\r", b""):
            return _as_headers(fields), raw[position:]
        _take(fields, line.rstrip(b"\r"))
        position += len(line) + 1
    return _as_headers(fields), raw[body:]


def _take(fields: list[tuple[str, list[bytes]]], line: bytes) -> None:
    field = None if line[:1] in (b" ", b"\t") else _FIELD.match(line)
    if field and len(fields) < _MOST_FIELDS:
        fields.append((field[1].decode("ascii").lower(), [field[2]]))
    elif fields and not field:
        fields[-1][1].append(line if line[:1] in (b" ", b"\t") else b" " + line)


def _as_headers(fields: list[tuple[str, list[bytes]]]) -> Headers:
    return Headers([(name, b"".join(pieces)) for name, pieces in fields])


def words_decoded(value: str) -> str:
    """A field's value with its encoded words (RFC 2047) as text on one line, also where they stand in quotes.

    Neighbouring words of one charset are decoded together: senders cut them inside a character.
    """
    result: list[str] = []
    pending, pending_charset = b"", ""
    position = 0
    while (word := _ENCODED_WORD.search(value, position)) and (end := value.find("?=", word.end())) >= 0:
        between = value[position : word.start()]
        if between.strip() or word[1].lower() != pending_charset:
            result.append(text_decoded(pending, pending_charset))
            pending, pending_charset = b"", word[1].lower()
            result.append(between if between.strip() or not position else "")
        pending += _word_bytes(word[2], value[word.end() : end])
        position = end + 2
    result += [text_decoded(pending, pending_charset), value[position:]]
    return clean_line("".join(result))


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "surrogatepass")
    if encoding in "Bb":
        return base64_decoded(data)
    return binascii.a2b_qp(data, header=True)


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """A structured value as what stands before the first semicolon and its parameters (RFC 2045, 2231).

    Names in lower case; values decoded, unquoted, on one line; of two of one name the first counts.
    """
    pieces = _at_semicolons(value)
    plain: dict[str, str] = {}
    numbered: dict[str, dict[int, tuple[bool, str]]] = {}
    for piece in pieces[1:]:
        name, _, content = piece.partition("=")
        name, content = name.strip().lower(), _unquoted(content.strip())
        extended = re.fullmatch(r"([^*]+)(?:\*(\d{1,4}))?(\*)?", name)
        if extended is None:
            continue
        if extended[2] or extended[3]:
            section = numbered.setdefault(extended[1], {})
            section.setdefault(int(extended[2] or 0), (bool(extended[3]), content))
        else:
            plain.setdefault(name, words_decoded(content))
    for name, section in numbered.items():
        plain[name] = _joined(section)
    return pieces[0].strip(), plain


def _at_semicolons(value: str) -> list[str]:
    pieces, start, position = [], 0, 0
    while stop := re.compile(r'[;"]').search(value, position):
        position = stop.end()
        if stop[0] == ";":
            pieces.append(value[start : stop.start()])
            start = position
        elif closing := re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL).match(value, position):
            position = closing.end()
        else:  # never closed: the rest is one value
            break
    return [*pieces, value[start:]]


def _unquoted(content: str) -> str:
    if content.startswith('"'):
        content = content[1:].removesuffix('"')
        return re.sub(r'\\(["\\])', r"\1", content)
    return content


def _joined(sections: dict[int, tuple[bool, str]]) -> str:
    """The pieces of a continued parameter (RFC 2231) as one text."""
    charset, pieces = "", []
    for place, number in enumerate(sorted(sections)):
        encoded, content = sections[number]
        if encoded and place == 0 and content.count("'") >= 2:
            charset, _, content = content.split("'", 2)
        piece = content.encode("utf-8", "surrogatepass")
        if encoded:
            piece = re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), piece)
        pieces.append(piece)
    return words_decoded(text_decoded(b"".join(pieces), charset))


def addresses(value: str) -> Iterator[tuple[str, str]]:
    """Name and bare address of everyone in an address field; the address is empty where none is usable.

    Groups are opened (their own names dropped), comments serve as names, domains are in lower case.
    """
    for words, angle, comment in _mailboxes(value):
        text = "".join(words).strip()
        name = words_decoded("".join(_unquoted(word) for word in words)) or words_decoded(comment)
        if angle is not None:
            yield name, _bare(angle) or _bare(text)
        elif found := _every_bare(text):
            beside = _PLAIN_ADDRESS.sub("", text).strip(" \t-'\"<") if len(found) == 1 else ""
            name = words_decoded(comment) or ("" if "@" in beside else words_decoded(beside))
            for address in found:
                yield name, address
        elif name:
            yield name, ""


def _mailboxes(value: str) -> Iterator[tuple[list[str], str | None, str]]:
    """The pieces of every mailbox: its words, what stands in angle brackets, its comment."""
    words: list[str] = []
    angle: str | None = None
    comment = ""
    closed = {'"', "(", "<"}  # openers that may still find their end
    position = 0
    while position < len(value):
        character = value[position]
        end = _end_of(value, position) if character in closed else -1
        if end < 0 and character in closed:
            closed.discard(character)
        if end > 0 and character == '"':
            words.append(value[position:end])
        elif end > 0 and character == "(":
            comment = comment or value[position + 1 : end - 1]
        elif end > 0 and character == "<":
            angle = value[position + 1 : end - 1].rpartition("<")[2]
        elif character in ",;":
            yield words, angle, comment
            words, angle, comment = [], None, ""
        elif character == ":" and angle is None and not any("@" in word for word in words[-3:]):
            words, comment = [], ""
        else:
            run = re.compile(r'[^"(<,;:]+').match(value, position)
            end = run.end() if run else position + 1
            words.append(value[position:end])
        position = max(end, position + 1)
    yield words, angle, comment


def _end_of(value: str, start: int) -> int:
    """Where the quoted string, comment or angle address that begins at `start` ends; -1 if it never does."""
    if value[start] == "<":
        return value.find(">", start) + 1 or -1
    if value[start] == '"':
        closing = re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL).match(value, start + 1)
        return closing.end() if closing else -1
    depth = 0
    for found in re.compile(r"\\.|[()]", re.DOTALL).finditer(value, start):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    return -1


def _bare(text: str) -> str:
    """The usable address in `text`, else nothing."""
    return next(iter(_every_bare(text)), "")


def _every_bare(text: str) -> list[str]:
    """The usable addresses in `text`: the whole as one (blanks, comments, a route), else any inside."""
    spaced = " ".join(re.sub(r"\([^()]*\)", "", text).split())
    compact = re.sub(r" ?([.@]) ?", r"\1", spaced)
    compact = compact.rpartition(":")[2] if compact.startswith(("@", "mailto:")) else compact
    whole = _PLAIN_ADDRESS.fullmatch(compact)
    found = [whole] if whole else _PLAIN_ADDRESS.finditer(text)
    cleaned = ((clean_line(match[1]), clean_line(match[2]).rstrip(".").lower()) for match in found)
    usable = (f"{local}@{domain}" for local, domain in cleaned if local and domain)
    return [address for address in usable if len(address) <= _LONGEST_ADDRESS]


def identifiers(values: list[str]) -> tuple[str, ...]:
    """The message identifiers in the values of a field, without angle brackets, each once, in their order."""
    found = [match for value in values for match in re.findall(r"<([^<>]{1,998})>", value)]
    found = found or [word for value in values for word in value.split() if "@" in word]
    cleaned = (re.sub(r"\s+", "", clean_line(identifier)) for identifier in found)
    return tuple(
        dict.fromkeys(identifier for identifier in cleaned if 0 < len(identifier) <= _LONGEST_IDENTIFIER)
    )


def instant(value: str) -> datetime | None:
    """A date field as an instant in UTC; None where it names none. A date without a zone is read as UTC."""
    try:
        parsed = parsedate_tz(value[:200])
        if parsed is None or max(parsed[3] - 23, parsed[4] - 59, parsed[5] - 60) > 0:
            return None
        return datetime.fromtimestamp(mktime_tz(parsed), UTC)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None
