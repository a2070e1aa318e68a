"""What a brand sorts its tickets by: contact reasons and fields of its own, to be read by other systems."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from agents.api.endpoint import Endpoint
from tickets.models import ContactReason, FieldChoice, FieldValue, TicketField


class ReasonOut(serializers.ModelSerializer[ContactReason]):
    """Why customers write; `path` names all steps from the top."""

    brand = serializers.CharField(source="brand.code")
    path = serializers.CharField()

    class Meta:
        model = ContactReason
        fields = ["id", "brand", "parent", "label", "path", "position", "is_active"]


class ReasonOfTicketOut(serializers.ModelSerializer[ContactReason]):
    path = serializers.CharField()

    class Meta:
        model = ContactReason
        fields = ["id", "path"]


class ChoiceOut(serializers.ModelSerializer[FieldChoice]):
    class Meta:
        model = FieldChoice
        fields = ["id", "label", "is_active"]


class FieldOut(serializers.ModelSerializer[TicketField]):
    """A field of a brand's tickets. `queues`: where it is asked for; empty: in all of them."""

    brand = serializers.CharField(source="brand.code")
    choices = ChoiceOut(many=True)
    queues = serializers.SerializerMethodField()

    class Meta:
        model = TicketField
        fields = ["id", "brand", "label", "kind", "is_required", "position", "is_active", "choices", "queues"]

    def get_queues(self, field: TicketField) -> list[int]:
        return sorted(one.queue_id for one in field.queues.all())


class FieldValueOut(serializers.ModelSerializer[FieldValue]):
    """What stands in a field: `value` as it is sent, `shown` as people read it."""

    name = serializers.CharField(source="field.label")
    value = serializers.CharField(source="typed")
    shown = serializers.CharField()

    class Meta:
        model = FieldValue
        fields = ["field", "name", "kind", "value", "shown", "at"]


class OfBrandFilter(django_filters.FilterSet):
    brand = django_filters.CharFilter(field_name="brand__code")


@extend_schema_view(
    list=extend_schema(summary="Contact reasons, the newest first"),
    retrieve=extend_schema(summary="One contact reason"),
)
class Reasons(ListModelMixin, RetrieveModelMixin, Endpoint):
    """Why customers write, of the brands the agent serves."""

    scope = "tickets"
    queryset = ContactReason.objects.all()
    serializer_class = ReasonOut
    filterset_class = OfBrandFilter

    def rows(self) -> QuerySet[Any]:
        return ContactReason.objects.filter(self.of_brands).with_parents().select_related("brand")

    def get_object(self) -> ContactReason:
        return self.found(self.rows().filter(pk=self.kwargs["pk"]))


@extend_schema_view(
    list=extend_schema(summary="Fields of tickets, the newest first"),
    retrieve=extend_schema(summary="One field of tickets"),
)
class Fields(ListModelMixin, RetrieveModelMixin, Endpoint):
    """What the brands the agent serves want to know of their tickets besides."""

    scope = "tickets"
    queryset = TicketField.objects.all()
    serializer_class = FieldOut
    filterset_class = OfBrandFilter

    def rows(self) -> QuerySet[Any]:
        rows = TicketField.objects.filter(self.of_brands).select_related("brand")
        return rows.prefetch_related("choices", "queues")

    def get_object(self) -> TicketField:
        return self.found(self.rows().filter(pk=self.kwargs["pk"]))
