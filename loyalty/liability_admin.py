"""The supervisors' page on what a programme owes for points: by the month in which they were given."""

from __future__ import annotations

import csv
import io

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from agents.brand_admin import OfBrandAdmin, reader
from agents.export_admin import log_export
from agents.rights import expect_right
from customers.admin import money
from loyalty.liability import Liability
from loyalty.models import Programme
from loyalty.vintages import liability


class LiabilityAdmin(OfBrandAdmin):
    """The page of a programme leads to what it owes."""

    @action(
        description=gettext_lazy("Liability"), permissions=["view"], url_path="liability", icon="account_balance"
    )  # fmt: skip
    def liability(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Outstanding points, how many of them will be spent, and what that is worth; with ?as=csv as a file."""
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        programme = Programme.objects.select_related("brand").get(pk=found.pk)
        owed = liability(programme)
        if request.GET.get("as") == "csv":
            expect_right(reader(request), "agents.export", programme.brand_id)
            log_export(reader(request), Programme, _("liability"), len(owed.rows))
            return HttpResponse(csv_of(owed), headers=HEADERS)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": programme,
            "title": _("Liability of %s") % programme,
            "owed": owed,
            "worth": money(owed.value_minor, programme.brand.currency),
            "curve": [(month, int(share * 100)) for month, share in enumerate(owed.told)],
            "may_export": reader(request).has_perm("agents.export"),
        }
        return TemplateResponse(request, "admin/loyalty/programme/liability.html", context)


HEADERS = {
    "Content-Type": "text/csv; charset=utf-8",
    "Content-Disposition": 'attachment; filename="liability.csv"',
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def csv_of(owed: Liability) -> bytes:
    """A row a vintage, then all of them; only numbers and months, so that no cell is a formula."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(["month", "issued", "redeemed", "outstanding", "expected", "breakage", "value_minor"])
    for row in owed.rows:
        one = row.vintage
        rows.writerow(
            [one.month.isoformat(), one.issued, one.redeemed_so_far, one.outstanding, row.expected, row.breakage,
             row.expected * owed.point_value_minor]
        )  # fmt: skip
    rows.writerow(["all", "", "", owed.outstanding, owed.expected, owed.breakage, owed.value_minor])
    return file.getvalue().encode("utf-8-sig")
