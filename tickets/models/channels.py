"""Through what people write to us, and where an answer goes."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.contact import plain
from customers.models import ContactPoint


class Channel(models.TextChoices):
    MAIL = "mail", _("e-mail")
    CHAT = "chat", _("web chat")
    SMS = "sms", _("SMS")
    PHONE = "phone", _("phone")
    SOCIAL = "social", _("social")
    SHOP = "shop", _("in the shop")


def recipient_among(points: Iterable[ContactPoint], sender: str) -> ContactPoint | None:
    """Of a customer's addresses the one by mail that is `sender`, else the first by mail."""
    by_mail = [point for point in points if point.kind == ContactPoint.Kind.MAIL]
    wrote = plain(sender)
    return next((point for point in by_mail if point.value == wrote), next(iter(by_mail), None))
