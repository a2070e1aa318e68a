"""Promises the database keeps for us, whatever the code above does."""

from __future__ import annotations

import pgtrigger


def append_only() -> list[pgtrigger.Trigger]:
    """Triggers for a table whose rows are written once: no UPDATE, no DELETE, no TRUNCATE."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        never_truncated(),
    ]


def never_truncated() -> pgtrigger.Trigger:
    """The trigger of a table that is never emptied as a whole."""
    return pgtrigger.Trigger(
        name="never_truncated",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
    )


def broken(error: Exception) -> str:
    """The name of the constraint that refused a row: whoever answers for one lets every other error through."""
    return str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "")
