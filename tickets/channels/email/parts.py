"""What a mail of ours carries beside its plain words: the same words as HTML, pictures within them, and files."""

from __future__ import annotations

from email.mime.base import MIMEBase
from email.mime.image import MIMEImage

from django.core.mail import EmailMultiAlternatives

from tickets import rich
from tickets.models import Attachment, Message

# No style sheet and no picture from elsewhere: what mail programs do with both is nobody's guess.
PAGE = '<!doctype html><html><head><meta charset="utf-8"></head><body dir="auto">{}</body></html>'


def with_parts(mail: EmailMultiAlternatives, message: Message) -> EmailMultiAlternatives:
    """The mail with its HTML where the message has marks, and with the files of the message."""
    files = list(message.attachments.all())
    if not message.is_rich:
        return _with_files(mail, files)
    wanted = set(rich.pictures_in(message.text))
    within = {file.pk: file for file in files if file.is_inline and file.pk in wanted}
    html = rich.rendered(message.text, {pk: f"cid:{_name(file, message)}" for pk, file in within.items()})
    mail.attach_alternative(PAGE.format(html), "text/html")
    for file in within.values():
        mail.attach(_picture(file, message))
    return _with_files(mail, [file for file in files if file.pk not in within])


def _with_files(mail: EmailMultiAlternatives, files: list[Attachment]) -> EmailMultiAlternatives:
    for file in files:
        with file.file.open("rb") as content:
            mail.attach(file.name, content.read(), file.content_type)
    return mail


def _picture(file: Attachment, message: Message) -> MIMEBase:
    with file.file.open("rb") as content:
        part = MIMEImage(content.read(), _subtype=file.content_type.partition("/")[2])
    part.add_header("Content-ID", f"<{_name(file, message)}>")
    part.add_header("Content-Disposition", "inline", filename=file.name)
    return part


def _name(file: Attachment, message: Message) -> str:
    """The Content-ID of a picture: the same at every try."""
    return f"picture-{file.pk}-{message.pk}@desk"
