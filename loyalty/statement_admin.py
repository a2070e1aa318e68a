"""The supervisors' page with the statement of an account, which they may take along as a file."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from agents.brand_admin import OfBrandAdmin, reader
from loyalty.models import Account
from loyalty.statement_files import KINDS, file_of
from loyalty.statements import Period, Statement, statement_of


def shown(statement: Statement, request: HttpRequest) -> dict[str, Any]:
    """What both pages show of a statement: one page of lines, and on the first what of the balance ends when."""
    after = request.GET.get("after", "")
    return {
        "statement": statement,
        "lines": statement.page(after),
        "deep": bool(after),
        "endings": [] if after else statement.endings(),
        "may_export": reader(request).has_perm("agents.export"),
    }


def taken_along(statement: Statement, request: HttpRequest) -> HttpResponse | None:
    """The file that `?as=csv` or `?as=pdf` asks for; None where the page itself is asked for."""
    kind = request.GET.get("as", "")
    if kind not in KINDS:
        return None
    content, headers = file_of(statement, kind, by=reader(request))
    return HttpResponse(content, headers=headers)


class StatementAdmin(OfBrandAdmin):
    """The page of an account leads to its statement."""

    @action(
        description=gettext_lazy("Statement"), permissions=["view"], url_path="statement", icon="receipt_long"
    )
    def statement(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What the account had, what moved, what it has: of the days asked for, or of this month."""
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        account = Account.objects.select_related("programme", "customer").get(pk=found.pk)
        statement = statement_of(account, Period.asked(request.GET, account))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": account,
            "title": _("Statement of %s") % account,
        }
        page = TemplateResponse(
            request, "admin/loyalty/account/statement.html", context | shown(statement, request)
        )
        return taken_along(statement, request) or page
