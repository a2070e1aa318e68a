"""The supervisors' pages on tickets: queues to set up, everything said and done to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import BinaryField, F, Func, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from agents.brand_admin import LedgerAdmin, LookInline, OfBrandAdmin, OfBrandForm, OneOfMine, reader
from agents.export_admin import ExportAdmin, Sheet
from agents.filter_admin import Asked, Days
from agents.models import Agent
from contactcenter import clock
from contactcenter.errors import Refused
from customers.core_admin import OfCustomerAdmin, as_address
from tickets import (  # noqa: F401  their classes register themselves
    drafts_admin,
    fields_admin,
    outward_admin,
    reasons_admin,
    routing_admin,
    rules_admin,
    sla_admin,
)
from tickets.bulk_admin import BulkAdmin
from tickets.core_admin import OfTicketAdmin
from tickets.models import (
    Attachment,
    InboundMail,
    Message,
    Queue,
    SavedView,
    Tag,
    Ticket,
    TicketEvent,
    TicketLink,
    TicketNumber,
    TicketProof,
    TicketTag,
)
from tickets.search.lists import expect_operators

REFERENCE_OR_ADDRESS = gettext_lazy("The ticket’s number as in FF-4812, or a whole address of the customer.")
DIGEST_LETTERS = 64  # of a SHA-256
BYTES_SHOWN = 32 * 2**10  # of a raw mail on its page; all of it can be downloaded


class QueueForm(OfBrandForm):
    """A queue; the team that works it is of its brand."""

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"]).lower()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        brand, team = cleaned.get("brand") or getattr(self.instance, "brand", None), cleaned.get("team")
        if brand and team and team.brand_id != brand.pk:
            self.add_error("team", _("This team works for another brand than %s.") % brand)
        return cleaned


@admin.register(Queue)
class QueueAdmin(OfBrandAdmin):
    form = QueueForm
    list_display = ["name", "brand", "address", "team", "reply_minutes", "acknowledges", "is_default"]
    list_filter = [("brand", OneOfMine)]
    list_select_related = ["brand", "team"]
    search_fields = ["name", "address"]
    autocomplete_fields = ["team"]
    fixed_fields = ["brand"]


@admin.register(TicketNumber)
class TicketNumberAdmin(LedgerAdmin):
    search_fields = ["brand__code__exact"]
    search_help_text = gettext_lazy("The brand’s code.")
    list_display = ["brand", "last"]
    list_filter = [("brand", OneOfMine)]
    list_select_related = ["brand"]


@admin.register(Tag)
class TagAdmin(OfBrandAdmin):
    list_display = ["name", "brand"]
    list_filter = [("brand", OneOfMine)]
    list_select_related = ["brand"]
    search_fields = ["name__istartswith"]
    fixed_fields = ["brand"]


class SavedViewForm(OfBrandForm):
    """A view that is shared: what it is made of must be understood."""

    reader: Agent

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        brand = found.get("brand") or (self.instance.brand if self.instance.pk else None)
        if brand and found.get("query"):
            try:
                expect_operators(found["query"], self.reader, brand)
            except Refused as refused:
                self.add_error("query", refused.sentence)
        return found


@admin.register(SavedView)
class SavedViewAdmin(OfBrandAdmin):
    """The lists that a brand or a team shares; private ones belong to the desk."""

    form = SavedViewForm
    list_display = ["name", "query", "team", "brand"]
    list_filter = [("brand", OneOfMine)]
    list_select_related = ["brand", "team"]
    search_fields = ["name__istartswith"]
    fixed_fields = ["brand"]
    exclude = ["owner"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(owner=None)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return type("Form", (super().get_form(request, obj, **kwargs),), {"reader": reader(request)})


class Waiting(Asked):
    title = gettext_lazy("waiting")
    parameter_name = "waiting"
    answers = {
        "yes": (gettext_lazy("The customer waits"), lambda tickets: tickets.waiting()),
        "late": (gettext_lazy("The answer is overdue"), lambda tickets: tickets.overdue(clock.now())),
    }


class TicketSheet(Sheet):
    class Meta:
        model = Ticket
        fields = [
            "brand__code", "number", "subject", "status", "priority", "type", "channel", "queue__name", "customer__id",
            "customer__name", "assignee__name", "opened_at", "due_at", "resolved_at",
        ]  # fmt: skip


@admin.register(Ticket)
class TicketAdmin(BulkAdmin, ExportAdmin, OfCustomerAdmin):
    sheet = TicketSheet
    actions = BulkAdmin.deeds  # of the tables that only services write one with deeds
    list_display = [
        "reference", "subject", "status", "priority", "type", "customer", "queue", "assignee", "due_at", "opened_at"
    ]  # fmt: skip
    list_filter = [
        ("brand", OneOfMine), ("queue", OneOfMine), Waiting, "status", "priority", "type", "channel",
        ("opened_at", Days), ("resolved_at", Days),
    ]  # fmt: skip
    list_select_related = ["brand", "customer", "queue", "assignee"]
    search_help_text = REFERENCE_OR_ADDRESS

    def found(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        if as_address(words):
            return super().found(rows, words)
        return rows.filter(pk__in=Ticket.objects.all().referred_to_by(words).values("pk"))


class AttachmentInline(LookInline):
    model = Attachment
    fields = ["name", "content_type", "size", "sha256"]


@admin.register(Message)
class MessageAdmin(OfTicketAdmin):
    list_display = ["ticket", "seq", "kind", "channel", "author", "sender", "state", "created_at"]
    list_filter = [("ticket__brand", OneOfMine), "kind", "state", ("created_at", Days)]
    list_select_related = ["ticket__brand", "author"]
    exclude = ["html"]  # as strangers sent it; the text says the same
    readonly_preprocess_fields = {"text": linebreaksbr}
    inlines = [AttachmentInline]


@admin.register(Attachment)
class AttachmentAdmin(OfTicketAdmin):
    list_display = ["name", "content_type", "size", "ticket"]
    list_filter = [("message__ticket__brand", OneOfMine)]
    list_select_related = ["message__ticket__brand", "draft__ticket__brand"]
    exclude = ["file"]  # the desk hands files out
    ticket_path = "message__ticket"

    @admin.display(description=gettext_lazy("ticket"))
    def ticket(self, attachment: Attachment) -> str:
        of: Any = attachment.message or attachment.draft
        return str(of.ticket.reference)


@admin.register(TicketEvent)
class TicketEventAdmin(OfTicketAdmin):
    list_display = ["ticket", "seq", "kind", "actor", "by", "at", "data"]
    list_filter = [("ticket__brand", OneOfMine), "kind", "actor", ("at", Days)]
    list_select_related = ["ticket__brand", "by"]


@admin.register(TicketTag)
class TicketTagAdmin(OfTicketAdmin):
    list_display = ["ticket", "tag", "by", "at"]
    list_filter = [("brand", OneOfMine), ("at", Days)]
    list_select_related = ["ticket__brand", "tag", "by"]


@admin.register(TicketLink)
class TicketLinkAdmin(OfTicketAdmin):
    list_display = ["one", "kind", "other", "by", "at"]
    list_filter = [("brand", OneOfMine), "kind", ("at", Days)]
    list_select_related = ["one__brand", "other__brand", "by"]
    search_fields = ["one"]
    ticket_path = "one"


@admin.register(TicketProof)
class TicketProofAdmin(LedgerAdmin):
    list_display = ["at", "brand", "lines", "broken", "seconds"]
    list_filter = [("brand", OneOfMine), ("at", Days)]
    list_select_related = ["brand"]
    search_fields = ["brand__name__istartswith", "brand__code__iexact"]
    search_help_text = gettext_lazy("The brand’s code, or how its name begins.")
    fields = ["brand", "at", "seconds", "lines", "broken", "found"]
    readonly_fields = ["found"]

    @admin.display(description=gettext_lazy("Findings"))
    def found(self, row: TicketProof) -> str:
        lines = (
            (one["ticket"], one["line"], one["check"], one["expected"], one["found"]) for one in row.findings
        )
        words = "<li>{}: " + _("line {}: {} – expected {}, found {}") + "</li>"
        return format_html_join("", words, lines) or _("None: every chain holds.")


@admin.register(InboundMail)
class InboundMailAdmin(OfTicketAdmin):
    list_display = ["received_at", "outcome", "brand", "reason", "ticket", "sha256"]
    list_filter = [("brand", OneOfMine), "outcome", ("received_at", Days)]
    search_help_text = gettext_lazy("The ticket’s number as in FF-4812, or the whole digest of the mail.")
    ticket_path = "message__ticket"
    list_select_related = ["brand", "message__ticket__brand"]
    fields = ["received_at", "outcome", "brand", "reason", "attempts", "ticket", "sha256", "beginning"]
    readonly_fields = ["ticket", "beginning"]
    actions_detail = ["download"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundMail]:
        return super().get_queryset(request).defer("raw")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if len(words := search_term.strip().lower()) == DIGEST_LETTERS:
            return queryset.filter(sha256=words), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=gettext_lazy("ticket"))
    def ticket(self, mail: InboundMail) -> str:
        return mail.message.ticket.reference if mail.message else "–"

    @admin.display(description=gettext_lazy("as it arrived"))
    def beginning(self, mail: InboundMail) -> SafeString:
        """The beginning of the mail as plain letters; nothing in it is taken for markup."""
        start = Func(F("raw"), Value(1), Value(BYTES_SHOWN), function="SUBSTRING", output_field=BinaryField())
        raw = InboundMail.objects.filter(pk=mail.pk).values_list(start, flat=True).get()
        text = bytes(raw).decode("utf-8", "replace")
        return format_html('<pre class="whitespace-pre-wrap break-all">{}</pre>', text)

    @action(description=gettext_lazy("Download"), permissions=["view"], icon="download")
    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The mail byte for byte, for a mail program; a browser neither shows nor guesses it."""
        mail = self.get_object(request, object_id)
        if mail is None:
            raise Http404
        return HttpResponse(
            bytes(mail.raw),
            content_type="message/rfc822",
            headers={
                "Content-Disposition": f'attachment; filename="{mail.sha256[:12]}.eml"',
                "X-Content-Type-Options": "nosniff",
            },
        )
