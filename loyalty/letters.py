"""What letters about points say beyond their row."""

from __future__ import annotations

from datetime import date
from typing import Any

from customers.letters import KINDS, Kind
from customers.models import Consent, Notice
from loyalty.models import Account, Redemption
from loyalty.services.confirming import code_of
from loyalty.statement_files import PDF_LINES_AT_MOST, pdf_of, what
from loyalty.statements import Period, Statement, statement_of

LINES_IN_LETTER = 40


def of_expiry(notice: Notice) -> dict[str, Any]:
    """The last day as a date, so that it reads in the language of the letter."""
    return {"last_day": date.fromisoformat(notice.context["last_day"])}


def of_code(notice: Notice) -> dict[str, Any]:
    """The code, made anew each time it is read: it stands in no row."""
    return {"code": code_of(Redemption.objects.get(pk=notice.context["redemption"]))}


def of_statement(notice: Notice) -> dict[str, Any]:
    """The statement of the month that the letter is about, with its first lines and what ends when."""
    statement = _statement(notice)
    lines = list(statement.lines[:LINES_IN_LETTER])
    zone = statement.account.programme.zone
    return {
        "statement": statement,
        "month": statement.period.first,
        "lines": [(line.posted_at.astimezone(zone).date(), what(line), line) for line in lines],
        "left_out": statement.count - len(lines),
        "endings": statement.endings(),
    }


def file_of_statement(notice: Notice) -> list[tuple[str, bytes, str]]:
    """The statement as PDF; none where it is too long for one."""
    statement = _statement(notice)
    if statement.count > PDF_LINES_AT_MOST:
        return []
    name = f"{statement.account.number}-{statement.period.first:%Y-%m}.pdf"
    return [(name, pdf_of(statement), "application/pdf")]


def _statement(notice: Notice) -> Statement:
    accounts = Account.objects.select_related("programme__brand", "customer")
    # of this brand, not of this customer: a merge takes the letter to the one who stays and leaves the account
    account = accounts.get(pk=notice.context["account"], brand=notice.brand_id)
    month = date.fromisoformat(notice.context["month"])
    return statement_of(account, Period.of_month(month, account.programme))


def register() -> None:
    """Make the letters of this room known."""
    KINDS["points_expire"] = Kind(purpose=Consent.Purpose.PROGRAMME, facts=of_expiry)
    KINDS["redeem_code"] = Kind(facts=of_code)
    KINDS["reward_sent"] = Kind()  # what was chosen and paid for is told of, whatever else was declined
    KINDS["statement"] = Kind(purpose=Consent.Purpose.STATEMENT, facts=of_statement, files=file_of_statement)
