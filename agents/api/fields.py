"""Fields that take JSON at its word: a text is a text, a number a number, an instant names its offset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from contactcenter.errors import Invalid

EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
BIGGEST_ID = 2**63 - 1


class Incoming(serializers.Serializer[Any]):
    """What a request brings; a field that is unknown here is a slip of the pen and refused."""

    def to_internal_value(self, data: Any) -> Any:
        strange = [name for name in data if name not in self.fields] if isinstance(data, Mapping) else []
        if strange:
            raise serializers.ValidationError({name: [_("There is no such field.")] for name in strange})
        return super().to_internal_value(data)


class Words(serializers.CharField):
    """Text, and nothing that could be read as text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **kwargs})

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not isinstance(data, str):
            self.fail("invalid")
        return super().run_validation(data)


class Whole(serializers.IntegerField):
    """A whole number."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, float) and data.is_integer():  # 1.0 is the same number in JSON
            data = int(data)
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class Id(Whole):
    """The id of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": BIGGEST_ID, **kwargs})


class YesNo(serializers.BooleanField):
    """true or false."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Instant(serializers.DateTimeField):
    """An instant as RFC 3339 writes it, offset included; of our century or the end of the last."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not RFC3339.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss+hh:mm")
        whole, fraction, offset = re.split(r"(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$", value)[:3]
        try:
            instant = datetime.fromisoformat(
                f"{whole.upper()}{(fraction or '')[:7]}{offset.upper().replace('Z', '+00:00')}"
            )
        except ValueError:  # the 31st of a short month, a 25th hour
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss+hh:mm")
        if not EARLIEST <= instant <= LATEST:
            raise Invalid("out_of_range", _("An instant lies between 1990 and 2100."))
        return instant.astimezone(UTC)
