"""What a customer was at an instant, and when a request was given, for the questions of the reports."""

from __future__ import annotations

# Joins that `given_at` needs: a posted request has an entry, a voucher or a benefit.
THINGS = """
    LEFT JOIN loyalty_entry e ON e.id = r.entry_id LEFT JOIN loyalty_redemption v ON v.id = r.redemption_id
    LEFT JOIN loyalty_givenbenefit b ON b.id = r.given_benefit_id
"""
GIVEN_AT = "coalesce(e.occurred_at, v.asked_at, b.starts_at)"  # NULL for what was not given


def tier_at(customer: str, at: str) -> str:
    """An SQL expression: the id of the tier that `customer` held at the instant `at` (both SQL), 0 for none.

    By the history of tiers; before its first line the account held what that line took it from.
    """
    return f"""coalesce((
        SELECT CASE WHEN c.effective_at <= {at} THEN c.to_tier_id WHEN c.id IS NULL THEN a.tier_id
            ELSE c.from_tier_id END
        FROM loyalty_account a LEFT JOIN loyalty_tierchange c ON c.account_id = a.id
        WHERE a.customer_id = {customer}
        ORDER BY c.effective_at <= {at} DESC, CASE WHEN c.effective_at <= {at} THEN -c.id ELSE c.id END LIMIT 1
    ), 0)"""  # noqa: S608  our own words
