"""When two tickets are about a like failure, and how grave it was: said here and nowhere else."""

from __future__ import annotations

# How grave: the severity of the goodwill reason that somebody named for the ticket, given or not (`named`, its column);
# where nobody named one, the severity that most apologies about the same contact reason and priority had, else most
# about the same contact reason. A pledge names its reason before anything has failed, so it says nothing of this.
USUAL = """
    SELECT failure, priority, mode() WITHIN GROUP (ORDER BY severity) AS severity FROM answered
    GROUP BY GROUPING SETS ((failure, priority), (failure))
"""


def like_failure(ticket: str) -> tuple[str, str, str]:
    """Three SQL expressions over the table alias `ticket`: what went wrong (NULL where nobody said), how urgent it was
    (1–4), and the incident that caused it, 0 for none.

    What went wrong is the contact reason: it is known of every ticket, whether its customer was given something or
    not. The reason of a grant is not, so it alone cannot tell who among the others had a like failure.
    """
    incident = f"""coalesce((
        SELECT min(l.other_id) FROM tickets_ticketlink l WHERE l.one_id = {ticket}.id AND l.kind = 'incident'
    ), 0)"""  # noqa: S608  our own words
    return f"{ticket}.reason_id", f"{ticket}.priority", incident


def severity_of(unit: str, named: str) -> str:
    """An SQL expression: how grave the failure of `unit` (an alias with failure and priority) was, from the table
    `usual` where `named` (SQL) is NULL."""
    return f"""coalesce({named}, (
        SELECT u.severity FROM usual u WHERE u.failure = {unit}.failure
            AND (u.priority = {unit}.priority OR u.priority IS NULL)
        ORDER BY u.priority NULLS LAST LIMIT 1
    ))"""  # noqa: S608  our own words
