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
from agents.api.doors import Throttle, TillThrottle
from agents.api.endpoint import Endpoint
from agents.api.fields import Incoming, Words
from contactcenter.errors import Invalid
from customers.api import CustomerFilter, CustomerIn, CustomerOut, Orders, make_customer
from customers.models import Customer
from loyalty.models import Account, Tier, Voucher


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
            "referral_code",
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
    referred_by = Words(
        max_length=40,
        required=False,
        help_text="Loyalty number or code of the member who brought them; needs `enrol`.",
    )


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
            enrol, referrer = brought.pop("enrol", None), brought.pop("referred_by", "")
            if referrer and not enrol:
                raise Invalid(
                    "not_enrolled", _("Only who becomes a member is brought by one: send enrol, too.")
                )
            customer = make_customer(self, brought)
            if enrol:
                source = enrol["consent_source"]
                loyalty.services.enrol(customer, by=self.agent, source=source, brought_by=referrer)
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


class VoucherIn(Incoming):
    """What the customer shows at the till."""

    code = Words(max_length=40, help_text="The voucher's code; case, blanks and dashes do not matter.")


class VoucherOut(serializers.ModelSerializer[Voucher]):
    """A voucher that was taken in: what the customer gets for it."""

    brand = serializers.CharField(source="redemption.reward.programme.brand.code")
    reward = serializers.CharField(source="redemption.reward.code")
    name = serializers.CharField(source="redemption.reward.name")
    account = serializers.CharField(
        source="redemption.account.number",
        allow_null=True,
        help_text="null: given to somebody who is no member.",
    )

    class Meta:
        model = Voucher
        fields = ["code", "brand", "reward", "name", "account", "valid_until", "used_at"]


class Vouchers(Endpoint):
    """The till of a shop: a code is tried at most VOUCHER_RATE times a minute, and nobody lists them."""

    scope = "vouchers"
    queryset = Voucher.objects.all()
    serializer_class = VoucherOut
    throttle_classes = [Throttle, TillThrottle]

    def rows(self) -> QuerySet[Voucher]:
        of_brands = Voucher.objects.filter(
            redemption__brand__in=sorted(one.pk for one in self.brands.values())
        )
        return of_brands.select_related("redemption__reward__programme__brand", "redemption__account")

    @extend_schema(
        summary="Use a voucher up: once, for ever",
        description=(
            "Refused as 409 with the code `voucher_used`, `voucher_cancelled` or `voucher_over`; as 422 with "
            "`no_voucher` for a code that is none, or none of your brands: the answer is the same."
        ),
        request=VoucherIn,
        responses={201: VoucherOut},
    )
    @action(detail=False, methods=["post"], url_path="use")
    def use(self, request: Request) -> Response:
        code = self.parsed(VoucherIn)["code"]

        def deed(key: str) -> tuple[int, Any]:
            used = loyalty.services.use_voucher(code, by=self.agent, key=key)
            return used.redemption.brand_id, self.shown(self.rows().get(pk=used.pk), VoucherOut)

        return self.once(deed)


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
