"""What every endpoint does: it shows and changes rows for one agent, of the brands they serve."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from agents.api.once import once, once_apart
from agents.api.reading import TooLarge
from agents.models import Agent, Brand
from contactcenter.errors import Invalid


class Endpoint(ABC, GenericViewSet[Any]):
    """The endpoints of one kind of row. `scope` is the word before `:read` and `:write` in a token's scopes."""

    scope: str
    asks: Sequence[str] = ()  # the names of what an action is asked with, besides filters
    http_method_names = ["get", "head", "post"]
    lookup_value_regex = "[0-9]{1,18}"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.API_MAX_BYTES:
            raise TooLarge
        self.expect_known_names(request)

    def expect_known_names(self, request: Request) -> None:
        """A filter that is passed over in silence, for its name or for want of a value, gives rows nobody asked for."""
        filters = getattr(getattr(self, "filterset_class", None), "base_filters", {})
        known = {"format", *self.asks, *filters}
        if getattr(self, "pagination_class", None):
            known |= {"cursor", "limit"}
        for name in request.query_params:
            if name not in known and request.method in ("GET", "HEAD"):
                names = ", ".join(sorted(known - {"format"})) or _("none")
                raise exceptions.ValidationError(
                    {name: [_("There is no such filter here; known: %s.") % names]}
                )
            if name in filters and not all(value.strip() for value in request.query_params.getlist(name)):
                raise exceptions.ValidationError({name: [_("A filter wants a value; leave it out for all.")]})

    @property
    def default_response_headers(self) -> dict[str, str]:
        """What is told of customers is for nobody else to keep."""
        return {**super().default_response_headers, "Cache-Control": "private, no-store"}

    @property
    def agent(self) -> Agent:
        return cast(Agent, self.request.user)

    @cached_property
    def brands(self) -> dict[str, Brand]:
        """The brands this agent serves, by code: asked once a request."""
        return {brand.code: brand for brand in Brand.objects.visible_to(self.agent)}

    @property
    def of_brands(self) -> Q:
        """Rows the agent may see; the brands as figures, not as a question within the question."""
        return Q(brand__in=sorted(brand.pk for brand in self.brands.values()))

    @abstractmethod
    def rows(self) -> QuerySet[Any]:
        """The rows of the agent's brands, with all that is shown of them."""

    def get_queryset(self) -> QuerySet[Any]:
        return self.rows()

    def found(self, rows: QuerySet[Any]) -> Any:
        """The one of `rows` that the address names; 404 when it is not there, or not there for this agent."""
        row = rows.first()
        if row is None:
            raise exceptions.NotFound
        return row

    def parsed(self, serializer: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """What the request brought, checked against `serializer`."""
        incoming = serializer(data=self.request.data, context=self.get_serializer_context())
        incoming.is_valid(raise_exception=True)
        return cast(dict[str, Any], incoming.validated_data)

    def brand(self, code: str) -> Brand:
        """The brand a request names; one that the agent does not serve is not there."""
        if code not in self.brands:
            raise Invalid("unknown_brand", _("There is no brand “%s”.") % code)
        return self.brands[code]

    def one(self, rows: QuerySet[Any], code: str, sentence: str, **named: Any) -> Any:
        """The row of `rows` that a request's body names; what the agent may not see is not there (422 with `code`)."""
        row = rows.filter(**named).first()
        if row is None:
            raise Invalid(code, sentence)
        return row

    def once(self, deed: Any) -> Response:
        """Do `deed(key)` once for the request's Idempotency-Key; it gives the brand it was for and its answer."""
        return once(self.request, self.agent, deed)

    def once_apart(self, deed: Any) -> Response:
        """As `once`, for a deed that is many transactions, each of which may be repeated."""
        return once_apart(self.request, self.agent, deed)

    def shown(self, row: Any, serializer: type[BaseSerializer[Any]]) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], serializer(row, context=self.get_serializer_context()).data)
