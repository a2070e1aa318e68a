"""The tree of a mail's parts, as byte slices of the message."""

import re
from functools import cached_property

from tickets.channels.email.decode import transfer_decoded
from tickets.channels.email.headers import parameters, split_header, words_decoded

MOST_PARTS = 500
DEEPEST = 20

_TYPE = re.compile(r"\s*([\w!#$&^.+-]{1,63})/([\w!#$&^.+-]{1,63})", re.ASCII)
_HEADING_BOUNDARY = re.compile(rb"(?mi)^--([^\r\n]{1,200}?)[ \t]*\r*\n(?=content-)")
_HIDDEN = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # turns a name's ending round
_LONGEST_NAME = 200
_NAMES = {
    "application/ms-tnef": "winmail.dat",
    "application/pgp-encrypted": "version.asc",
    "application/pgp-signature": "signature.asc",
    "application/pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "message/delivery-status": "delivery-status.txt",
    "message/disposition-notification": "receipt.txt",
    "text/calendar": "invitation.ics",
    "text/rfc822-headers": "headers.txt",
}
_ENDINGS = {
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/csv": ".csv",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "text/enriched": ".txt",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "image/svg+xml": ".svg",
    "image/tiff": ".tiff",
    "image/bmp": ".bmp",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/amr": ".amr",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "video/quicktime": ".mov",
}


class Entity:
    """A message or one part of it: header, and body as the bytes that stand in the message."""

    def __init__(self, raw: bytes, default_type: str = "text/plain") -> None:
        self.raw = raw
        self.headers, self.body = split_header(raw)
        self._default_type = default_type

    @cached_property
    def _type(self) -> tuple[str, dict[str, str]]:
        for value in self.headers.every("content-type"):
            text, given = parameters(value)
            if found := _TYPE.match(text):
                return f"{found[1]}/{found[2]}".lower(), given
        text, given = parameters(self.headers.first("content-type"))
        return ("text/plain" if text else self._default_type), given

    @cached_property
    def _disposition(self) -> tuple[str, dict[str, str]]:
        text, given = parameters(self.headers.first("content-disposition"))
        return text.lower(), given

    @property
    def content_type(self) -> str:
        """Type and subtype in lower case; text/plain where none can be read."""
        return self._type[0]

    @property
    def charset(self) -> str:
        """The charset as declared, or nothing."""
        return self._type[1].get("charset", "")

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the Content-Type."""
        return self._type[1]

    @property
    def is_multipart(self) -> bool:
        """Whether it claims to be made of parts."""
        return self.content_type.startswith("multipart/")

    @property
    def is_attached(self) -> bool:
        """Whether the sender asked for it to be kept apart from the text."""
        return self._disposition[0] == "attachment"

    @cached_property
    def given_name(self) -> str:
        """The file name that the sender gave it, without its path; or nothing."""
        candidates = (
            self._disposition[1].get("filename", ""),
            self._disposition[1].get("name", ""),
            self._type[1].get("name", ""),
            self._type[1].get("filename", ""),
        )
        return next((name for name in map(_file_name, candidates) if name), "")

    @property
    def name(self) -> str:
        """A file name: what the sender gave, else its location or the nested subject, else by its type."""
        return self.given_name or self._located_name or self._subject_name or self._name_by_type

    @property
    def _located_name(self) -> str:
        location = self.headers.first("content-location")
        name = _file_name(re.split(r"[?#]", location)[0]) if location else ""
        return name if re.search(r"\.\w{1,8}$", name) else ""

    @property
    def _subject_name(self) -> str:
        if self.content_type not in {"message/rfc822", "message/global"}:
            return ""
        subject = words_decoded(split_header(self.content[:_HEADER_PEEK])[0].first("subject"))
        return (
            _file_name(re.sub(r"[/\\:*?\"<>|]+", "-", subject)[:100].strip(" -.") + ".eml") if subject else ""
        )

    @property
    def _name_by_type(self) -> str:
        kind = self.content_type.partition("/")[0]
        stem = kind if kind in {"message", "image", "text", "audio", "video"} else "attachment"
        return _NAMES.get(self.content_type) or stem + _ENDINGS.get(self.content_type, ".bin")

    @cached_property
    def content(self) -> bytes:
        """The body's bytes with their transfer encoding undone."""
        return transfer_decoded(self.body, self.headers.first("content-transfer-encoding"))


_HEADER_PEEK = 64 * 1024  # bytes of a nested message that are looked at for its subject


def _file_name(text: str) -> str:
    """The last piece of a path as a name that can be shown and saved; cut if too long, its ending kept."""
    name = _HIDDEN.sub("", re.split(r"[/\\]", text)[-1]).strip()
    if not name.strip("."):
        return ""
    if len(name) > _LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        kept = dot + ending if dot and len(ending) <= 16 else ""
        name = (stem if kept else name)[: _LONGEST_NAME - len(kept)] + kept
    return name


def parts_of(whole: Entity, most: int) -> tuple[list[Entity], bytes]:
    """The parts of a multipart, at most `most`, and the bytes after the last of those (else nothing).

    Neither the words before the first boundary nor those after the last are parts. A boundary that is not
    declared or does not occur is looked for in the body; where there is none the list is empty.
    """
    default = "message/rfc822" if whole.content_type == "multipart/digest" else "text/plain"
    for body in (whole.body, whole.content):
        for boundary in (_declared_boundary(whole), _found_boundary(body)):
            slices, rest = _split(body, boundary, most) if boundary else ([], b"")
            if slices:
                return [Entity(piece, default) for piece in slices], rest
    return [], b""


def _declared_boundary(whole: Entity) -> bytes:
    return whole.parameters.get("boundary", "").rstrip().encode("utf-8", "surrogatepass")


def _found_boundary(body: bytes) -> bytes:
    found = _HEADING_BOUNDARY.search(body)
    return found[1] if found else b""


def _split(body: bytes, boundary: bytes, most: int) -> tuple[list[bytes], bytes]:
    delimiter = re.compile(rb"(?m)^--" + re.escape(boundary) + rb"(--|-(?=\s*\Z))?[ \t]*\r*$")
    slices: list[bytes] = []
    start = -1
    for found in delimiter.finditer(body):
        if start >= 0:
            slices.append(_without_last_break(body[start : found.start()]))
        if len(slices) == most:
            return slices, body[found.start() :]
        start = -1 if found[1] else found.end() + 1
    if 0 <= start < len(body):
        slices.append(body[start:])
    return [piece for piece in slices if piece.strip()], b""


def _without_last_break(piece: bytes) -> bytes:
    return piece[:-1].removesuffix(b"\r") if piece.endswith(b"\n") else piece
