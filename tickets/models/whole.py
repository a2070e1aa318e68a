"""A ticket and all that went into it, within another statement."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, OuterRef

WHOLE = """ARRAY(
    WITH one AS (SELECT %(expressions)s AS id)
    SELECT id FROM one
    UNION ALL SELECT m.id FROM one JOIN tickets_ticket m ON m.merged_into_id = one.id
)"""


def whole_of(ticket: OuterRef) -> Func:
    """The ids of a ticket of the statement around and of all that went into it: `ticket__pk__one_of=` them."""
    return Func(ticket, template=WHOLE, output_field=ArrayField(models.BigIntegerField()))
