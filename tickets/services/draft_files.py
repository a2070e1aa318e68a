"""Files that go out with a reply: they belong to the draft until it is sent, and go with it where it is dropped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter import clock, keys
from contactcenter.errors import Refused
from tickets.models import Attachment, Draft, Ticket, by_digest
from tickets.services.drafting import begin_draft, tell

MB = 2**20
FORGOTTEN_AT_ONCE = 200
MOST_BYTES, MOST_BYTES_TOGETHER, MOST_FILES = 10 * MB, 20 * MB, 20
# What mail servers throw away, and what a customer should never be asked to run.
REFUSED_ENDINGS = frozenset({
    "ade", "adp", "apk", "app", "appx", "bat", "chm", "cmd", "com", "cpl", "dll", "dmg", "exe", "hta", "iso", "jar",
    "js", "jse", "lnk", "mde", "msc", "msi", "msix", "msp", "mst", "pif", "ps1", "psm1", "reg", "scr", "sct", "sh",
    "sys", "vb", "vbe", "vbs", "vhd", "vxd", "wsc", "wsf", "wsh",
})  # fmt: skip
REFUSED_BEGINNINGS = (b"MZ", b"\x7fELF", b"#!", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
# Pictures that every browser and mail program shows, told by their first bytes, whatever their name says.
PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


def picture_type(content: bytes) -> str:
    """`image/png` and the like for bytes that are a picture everybody can see; "" for everything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for begin, kind in PICTURES.items() if content.startswith(begin)), "")


def add_file(
    ticket: Ticket,
    name: str,
    content: bytes,
    *,
    by: Agent,
    is_inline: bool = False,
    at: datetime | None = None,
) -> Attachment:
    """Keep a file with the draft of `by` in the ticket; `is_inline`: a picture that stands within the words.

    Refused: `file_empty`, `file_too_large` (10 MB, 20 MB together, 20 files), `file_refused` for what can be run,
    `no_picture` for something inline that is none.
    """
    name = _plain(name)
    _expect_harmless(name, content)
    kind = picture_type(content)
    if is_inline and not kind:
        raise Refused("no_picture", _("%s is no picture that can stand in a mail.") % name)
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        draft = begin_draft(ticket, by=by, at=at)
        sizes = list(draft.files.values_list("size", flat=True))
        if sum(sizes) + len(content) > MOST_BYTES_TOGETHER or len(sizes) >= MOST_FILES:
            raise Refused(
                "file_too_large", _("All files of a mail together may have 20 MB. Take one away first.")
            )
        keys.claim(Attachment, digest)  # whoever drops the same bytes at this moment waits
        row = Attachment(draft=draft, name=name, size=len(content), sha256=digest, is_inline=is_inline)
        row.content_type = kind or "application/octet-stream"
        path = by_digest(row, name)
        if not (default_storage.exists(path) and default_storage.size(path) == len(content)):
            path = default_storage.save(path, ContentFile(content))
        row.file.name = path
        row.save()
    return row


@transaction.atomic
def drop_file(file: Attachment, *, by: Agent) -> None:
    """Take a file away from the draft of `by`; one that was sent, or is another's, stays (`not_yours`)."""
    rows = Attachment.objects.select_for_update(of=("self",)).filter(pk=file.pk, draft__agent=by)
    if not rows.filter(draft__due_at=None):
        raise Refused("not_yours", _("This file goes with words that are not in your composer any more."))
    drop_files([file])
    Draft.objects.written().filter(pk=file.draft_id, text="", files=None).delete()


def drop_drafts(drafts: Iterable[Draft]) -> int:
    """Drop drafts with their files, in the caller's transaction; how many."""
    found = [draft.pk for draft in drafts]
    for ticket in Ticket.objects.filter(drafts__in=found).distinct():
        tell(ticket, "draft")
    drop_files(Attachment.objects.filter(draft__in=found))
    Draft.objects.filter(pk__in=found).delete()
    return len(found)


def forget_drafts(*, at: datetime | None = None) -> int:
    """Drop drafts that nobody went on with for 30 days, 200 at most, with their files; how many."""
    with transaction.atomic():
        rows = Draft.objects.all().forgotten(at or clock.now()).select_for_update(skip_locked=True)
        return drop_drafts(rows[:FORGOTTEN_AT_ONCE])


def drop_files(files: Iterable[Attachment]) -> None:
    """Drop rows, and after the commit the bytes that no other row names."""
    gone = [(file.pk, file.sha256, file.file.name) for file in files]
    Attachment.objects.filter(pk__in=[pk for pk, *_rest in gone]).delete()
    for _pk, digest, path in gone:
        transaction.on_commit(lambda digest=digest, path=path: _discard(digest, path), robust=True)  # type: ignore[misc]


@transaction.atomic
def _discard(digest: str, path: str) -> None:
    keys.claim(Attachment, digest)
    if not Attachment.objects.filter(file=path).exists():
        default_storage.delete(path)


def _plain(name: str) -> str:
    """The last part of a file's name, in signs that can be printed."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(sign for sign in last if sign.isprintable())[-200:].strip() or _("file")


def _expect_harmless(name: str, content: bytes) -> None:
    if not content:
        raise Refused("file_empty", _("%s is empty.") % name)
    if len(content) > MOST_BYTES:
        raise Refused("file_too_large", _("%s is too large: a file may have 10 MB.") % name)
    endings = {part.strip().lower() for part in name.split(".")[1:]}
    if endings & REFUSED_ENDINGS or content.startswith(REFUSED_BEGINNINGS):
        raise Refused("file_refused", _("%s can be run; mail servers throw such files away.") % name)
