"""Bytes of a mail into the bytes and text that were meant: transfer encodings, charsets, clean Unicode."""

import binascii
import codecs
import re
import sys
import unicodedata
from functools import cache

# What mail programs write, and the wider codec that reads what they mean by it.
_ALIASES = {
    "ansi_x3.4-1968": "cp1252",
    "ansi_x3.110-1983": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-8-e": "iso8859_8",
    "iso-8859-6-i": "iso8859_6",
    "iso-8859-6-e": "iso8859_6",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc_jp",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "euc-cn": "gb18030",
    "big5": "cp950",
    "x-big5": "cp950",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "unicode": "utf-16",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
}
# Python codecs that are no charset of a mail (some of them take quadratic time).
_NOT_CHARSETS = {
    "idna",
    "mbcs",
    "oem",
    "punycode",
    "raw-unicode-escape",
    "raw_unicode_escape",
    "undefined",
    "unicode-escape",
    "unicode_escape",
    "unicode_internal",
}
_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)
_CHARSET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,40}")
_LONGEST_RUN_OF_MARKS = 128  # Normalising takes quadratic time in the length of a run of combining marks.


def transfer_decoded(body: bytes, encoding: str) -> bytes:
    """Undo a Content-Transfer-Encoding named as in the header; broken input loses as little as can be.

    `body` is the part as it stands in the message. Unknown encodings return it unchanged.
    """
    kind = re.sub(r"[^a-z0-9]", "", encoding.partition(";")[0].lower())
    if kind == "base64":
        return base64_decoded(body)
    if kind == "quotedprintable":
        return quoted_printable_decoded(body)
    if kind in {"xuuencode", "uuencode", "xuue", "uue"}:
        return _uudecoded(body)
    return body


def base64_decoded(data: bytes) -> bytes:
    """Decode base64 that may hold stray characters, lack its padding or be several runs put together.

    What follows the padding is read too if it is base64 to its end, else left out (a list's footer).
    """
    head, _, tail = data.partition(b"=")
    runs = [head] if re.search(rb"[^A-Za-z0-9+/= \t\r\n]", tail) else [head, *re.split(rb"=+", tail)]
    return b"".join(_base64_run(run) for run in runs)


def _base64_run(data: bytes) -> bytes:
    data = data.translate(None, _NOT_BASE64)
    if len(data) % 4 == 1:  # six bits are no byte
        data = data[:-1]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))


def quoted_printable_decoded(data: bytes) -> bytes:
    """Decode quoted-printable; blanks at line ends were added on the way and go (RFC 2045, 6.7, 3)."""
    data = re.sub(rb"(?<![ \t])[ \t]+(?=\r?\n|\r?\Z)", b"", data)
    return binascii.a2b_qp(data)


def _uudecoded(data: bytes) -> bytes:
    begin = re.search(rb"(?m)^begin [0-7]{3,4} [^\n]*\n", data)
    if begin is None:
        return data
    result = []
    for line in data[begin.end() :].split(b"\n"):
        line = line.rstrip(b"\r")
        if line == b"end":
            break
        if line:
            result.append(_uudecoded_line(line))
    return b"".join(result)


def _uudecoded_line(line: bytes) -> bytes:
    length = ((line[0] - 32) & 63) * 4
    try:
        return binascii.a2b_uu(line[: (length + 5) // 3])
    except binascii.Error:
        return b""


def text_decoded(data: bytes, charset: str) -> str:
    """The text of `data`: read as `charset` if that can be, else as UTF-8, else as Windows-1252; never fails.

    What stays unreadable becomes U+FFFD. The result is not yet clean: see `clean`.
    """
    declared = _codec(charset)
    if declared in {None, "cp1252"} and data.isascii():
        return _seven_bit(data)
    if declared == "iso2022_jp":
        return _japanese(data)
    if declared is None or charset.strip().lower() in {"us-ascii", "ascii"}:
        return _decoded(data, "utf-8") or data.decode("cp1252", "replace")
    if declared == "utf-8":
        return _utf8_or_so(data)
    return _decoded(data, declared) or _decoded(data, "utf-8") or data.decode(declared, "replace")


def _codec(charset: str) -> str | None:
    """Python's name of the codec that reads `charset`; None where there is none."""
    name = charset.strip(" \t'\"").lower()
    if not _CHARSET_NAME.fullmatch(name):
        return None
    try:
        info = codecs.lookup(_ALIASES.get(name, name))
    except (LookupError, ValueError):
        try:
            info = codecs.lookup(name.removeprefix("x-"))
        except (LookupError, ValueError):
            return None
    if info.name in _NOT_CHARSETS or not getattr(info, "_is_text_encoding", True):
        return None
    if info.name == "iso8859-1":
        return "cp1252"
    return info.name


def _decoded(data: bytes, codec: str) -> str:
    """`data` read by a codec, or nothing if it is not in it."""
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return ""


def _seven_bit(data: bytes) -> str:
    if b"\x1b$" in data:  # Japanese that does not say so
        return _japanese(data)
    return data.decode("ascii")


def _japanese(data: bytes) -> str:
    # Mail programs put the circled digits of JIS X 0213 under the older escape sequence.
    wider = re.sub(rb"\x1b\$[@B]", b"\x1b$(Q", data)
    return (
        _decoded(data, "iso2022_jp")
        or _decoded(data, "iso2022_jp_ext")
        or _decoded(wider, "iso2022_jp_2004")
        or _decoded(data, "utf-8")
        or data.decode("iso2022_jp", "replace")
    )


def _utf8_or_so(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    if any(character > "\x7f" and character != "\ufffd" for character in text):
        return text  # it is UTF-8 with a flaw
    return data.decode("cp1252", "replace")


def clean(text: str) -> str:
    """The same text as every part of the house can keep it: NFC, LF line ends, no NUL, no lone surrogate."""
    text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")
    if text.isascii():
        return text
    # Two halves of a surrogate pair become their character, a lone half U+FFFD.
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").removeprefix("\ufeff")
    return unicodedata.normalize("NFC", _marks_run().sub("\\1\u034f", text))


@cache
def _marks_run() -> re.Pattern[str]:
    """A run of marks too long to be writing; a joiner put after it keeps normalising linear (UAX 15)."""
    ranges: list[list[int]] = []
    for point in range(0x300, sys.maxunicode + 1):
        if unicodedata.combining(chr(point)):
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1][1] = point
            else:
                ranges.append([point, point])
    marks = "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
    return re.compile(f"([{marks}]{{{_LONGEST_RUN_OF_MARKS}}})(?=[{marks}])")


def clean_line(text: str) -> str:
    """`clean`, on one line: every run of blanks, line ends and control characters is one space."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", clean(text)).strip()
