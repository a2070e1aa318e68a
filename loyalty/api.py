"""Customers with what they earned: the list, one of them, and a new one, as a member if they agreed to it."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

import loyalty.services
from agents.api.endpoint import Endpoint
from agents.api.fields import Incoming, Words
from contactcenter.errors import Invalid
from customers.api import CustomerFilter, CustomerIn, CustomerOut, Orders, make_customer
from customers.models import Customer
from loyalty.models import Account, Tier


class TierOut(serializers.ModelSerializer[Tier]):
    class Meta:
        model = Tier
        fields = ["code", "name"]


class AccountOut(serializers.ModelSerializer[Account]):
    """A membership. `balance` is owned, `held` reserved of it, `available` can be spent now; all in points."""

    tier = TierOut(allow_null=True)
    available = serializers.IntegerField()

    class Meta:
        model = Account
        fields = [
            "number",
            "status",
            "tier",
            "tier_valid_until",
            "balance",
            "held",
            "available",
            "pending",
            "next_expiry",
            "joined_at",
        ]


class MemberOut(CustomerOut):
    account = serializers.SerializerMethodField(help_text="null: no member.")

    class Meta(CustomerOut.Meta):
        fields = [*CustomerOut.Meta.fields, "account"]

    @extend_schema_field(AccountOut(allow_null=True))
    def get_account(self, customer: Customer) -> Any:
        account = getattr(customer, "account", None)
        return AccountOut(account).data if account else None


class EnrolIn(Incoming):
    """Membership from the first day on."""

    consent_source = Words(
        max_length=80, help_text="Where the customer agreed to the programme: checkout, shop."
    )


class MemberIn(CustomerIn):
    """A new customer, as a member if they agreed to it."""

    enrol = EnrolIn(required=False, help_text="Only for who agreed to it: makes them a member at once.")


@extend_schema_view(
    list=extend_schema(summary="Customers with account and tier, the newest first"),
    retrieve=extend_schema(
        summary="One customer with addresses, account and tier; of one who was merged, the one who stays"
    ),
    create=extend_schema(
        summary="A new customer, also as a member", request=MemberIn, responses={201: MemberOut}
    ),
)
class Customers(ListModelMixin, RetrieveModelMixin, Endpoint):
    """Customers of the brands the agent serves."""

    scope = "customers"
    queryset = Customer.objects.all()
    serializer_class = MemberOut
    filterset_class = CustomerFilter

    def rows(self) -> QuerySet[Customer]:
        rows = Customer.objects.filter(self.of_brands)
        rows = rows.in_use() if self.action == "list" else rows
        return rows.select_related("brand", "account__tier").prefetch_related("contact_points")

    def get_object(self) -> Customer:
        """Somebody who was merged is answered with the one who stays: 200, and another `id`."""
        customer: Customer = super().get_object()
        return self.rows().get(pk=customer.who_stays().pk) if customer.merged_into_id else customer

    def create(self, request: Request) -> Response:
        brought = self.parsed(MemberIn)

        def deed(_key: str) -> tuple[int, Any]:
            enrol = brought.pop("enrol", None)
            customer = make_customer(self, brought)
            if enrol:
                loyalty.services.enrol(customer, by=self.agent, source=enrol["consent_source"])
            return customer.brand_id, self.shown(self.rows().get(pk=customer.pk), MemberOut)

        return self.once(deed)


class PreviewOut(serializers.Serializer[Any]):
    """What a refund would do, in points; `amount_minor` in minor units of the order's currency.

    Of `points` that go, `pending` never came to be, `unspent` are the order's own, `from_others` are taken of
    other points because its own were spent, `owed` becomes a debt, `forgiven` is not taken.
    """

    amount_minor = serializers.IntegerField()
    points = serializers.IntegerField()
    qualifying = serializers.IntegerField(help_text="Points that no longer count towards tiers.")
    pending = serializers.IntegerField()
    unspent = serializers.IntegerField()
    from_others = serializers.IntegerField()
    owed = serializers.IntegerField()
    forgiven = serializers.IntegerField()
    balance_after = serializers.IntegerField(allow_null=True, help_text="null: the order earned nothing.")
    tier = TierOut(allow_null=True, help_text="The tier that would no longer be reached; null: none.")


LINE = re.compile(r"([0-9]{1,18})(?::([1-9][0-9]{0,8}))?")


class LoyalOrders(Orders):
    """Orders, and what giving one back would do to the points."""

    @extend_schema(
        summary="What a refund would take back, before it is made",
        parameters=[
            OpenApiParameter(
                "line",
                {"type": "array", "items": {"type": "string", "pattern": LINE.pattern}},
                description="`id` of a line (all that is left of it) or `id:amount_minor`; none: the whole order.",
            )
        ],
        responses={200: PreviewOut},
    )
    @action(
        detail=True,
        methods=["get"],
        url_path="refunds/preview",
        filterset_class=None,
        pagination_class=None,
        asks=["line"],
    )
    def refund_preview(self, request: Request, pk: str) -> Response:
        order = self.get_object()
        asked = [LINE.fullmatch(line) for line in request.query_params.getlist("line")]
        if not all(asked):
            raise Invalid("bad_line", _("Name a line as id or as id:amount_minor."))
        named = {int(one[1]): int(one[2] or 0) for one in asked if one}
        if not named.keys() <= {line.pk for line in order.lines.all()}:
            raise Invalid("unknown_line", _("Order %s has no such article.") % order.number)
        preview = loyalty.services.refund_preview(order, loyalty.services.left_of(order, named))
        return Response(PreviewOut(preview).data)
