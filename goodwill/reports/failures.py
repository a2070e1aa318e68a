"""When two tickets are about a like failure, and how bad it was: said here and nowhere else."""

from __future__ import annotations


def like_failure(ticket: str) -> tuple[str, str]:
    """Two SQL expressions over the table alias `ticket`: what went wrong, NULL where nobody said, and how badly (1–4).

    What went wrong is the contact reason, how badly the priority: both are known of every ticket, whether its
    customer was given something or not. The reason of a grant is known only of those who were, so it cannot tell who
    among the others had a like failure.
    """
    return f"{ticket}.reason_id", f"{ticket}.priority"
