"""The lists of a ticket: what its head shows, and what its conversation needs to know first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from contactcenter.nested import Columns, instances, nested
from contactcenter.paging import CountUpTo, count_up_to, newest
from contactcenter.prepared import AT, Prepared
from goodwill.models import PledgeRun, ReasonSentence, Request
from loyalty.models import Voucher
from tickets.models import (
    Attachment,
    Consult,
    ConsultWord,
    Draft,
    FieldValue,
    Message,
    Survey,
    Tag,
    Ticket,
    TicketEvent,
    TicketLink,
    WrapUp,
    whole_of,
)

State = Request.State
UNSAID = VOUCHERS_SHOWN = 3
UNDECIDED_SHOWN = 5
LINKED = ("number", "subject", "is_open", "status")  # of the ticket at either end
LINKS_SHOWN = 50  # an incident is linked to as many tickets as it hit
# What a field's value is printed with.
VALUE = ("id", "kind", "text", "number", "date", "field__id", "field__label", "choice__id", "choice__label")


@dataclass(frozen=True)
class TicketLists:
    """What the head and the thread of a ticket show beside it.

    `version` is another word as soon as anything was said, done or sent; `heard` the address that wrote last, `""` for
    none; `follows` the number of the closed ticket it goes on from; `joined` the references of those that went into
    this one, by id; `given` the last points or benefit, `told` where we wrote to the customer since; `vouchers` those
    that were given and can be used; `unsaid` goodwill that was taken back after they were told, or whose message was
    held back, and nothing was written since; `undecided` requests that wait for an answer; `pledged` promises with a
    price that run; `wrapping_up` who still has to do with it; `drafts` what anybody has begun in it or can still
    undo, with its `files_of`; `consults` questions to experts with all that was `said`; `comment` the
    customer's, at the end.
    """

    version: str
    heard: str
    follows: int | None
    joined: dict[int, str]
    tags: list[Tag]
    links: list[TicketLink]
    values: list[FieldValue]
    given: list[Any]
    vouchers: list[Voucher]
    unsaid: list[Request]
    undecided: list[Request]
    pledged: list[PledgeRun]
    wrapping_up: list[WrapUp]
    consults: list[Any]
    drafts: list[Any]
    comment: str


def version_of(tickets: Any) -> str:
    """A word that is another one as soon as anything was said, done or sent in the ticket; `""` of none. One query."""
    asked = tickets.values_list("message_seq", Prepared(_versions, "pk")).first()
    return _told_apart(*asked) if asked else ""


def asked_of() -> dict[str, Any]:
    """The lists as columns of a statement that finds tickets."""
    own, whole = {"ticket": OuterRef("pk")}, {"ticket__pk__one_of": whole_of(OuterRef("pk"))}
    heard = Message.objects.filter(**whole).heard_by_mail().order_by("-created_at", "-pk")
    ends = [f"{end}__{name}" for end in ("one", "other") for name in ("id", *LINKED)]
    joined = Ticket.objects.filter(merged_into=OuterRef("pk")).order_by("pk")
    values = FieldValue.objects.filter(**own).current().order_by("field__position", "field_id")
    return {
        **_version(),
        "heard": Subquery(heard.values("sender")[:1]),
        "follows": Subquery(Ticket.objects.filter(pk=OuterRef("follows")).values("number")),
        "joined": nested(joined, "id", "number"),
        "tags": nested(Tag.objects.of(OuterRef("pk")), "id", "name"),
        "links": nested(TicketLink.objects.of_whole(OuterRef("pk"))[:LINKS_SHOWN], "id", "kind", *ends),
        "values": nested(values, *VALUE),
        "given": nested(_given(whole)[:1], "id", "points", "told", "sentence", "benefit__id", "benefit__name"),
        "vouchers": nested(
            _vouchers(whole)[:VOUCHERS_SHOWN],
            "id", "code", "valid_until", "redemption__id", "redemption__reward__id", "redemption__reward__name",
            "redemption__reward__sentence", "redemption__reward__programme__id",
            "redemption__reward__programme__time_zone",
        ),
        "unsaid": nested(
            _unsaid(whole)[:UNSAID], "id", "points", "state", "message", "reason__id", "reason__label", "gift",
        ),
        "undecided": nested(
            Request.objects.filter(**whole, state=State.WAITING).order_by("pk")[:UNDECIDED_SHOWN],
            "id", "points", "state", "by_id", "approver_id", "asked_of__id", "asked_of__name",
        ),
        "pledged": nested(
            PledgeRun.objects.filter(**own).to_show(),
            "id", "kind", "started_at", "due_at", "pledge__id", "pledge__points",
        ),
        "wrapping_up": nested(
            WrapUp.objects.filter(**own).running(AT).order_by("pk")[:1],
            "id", "agent_id", "started_at", "until",
        ),
        "consults": nested(
            Consult.objects.filter(**own).annotate(said=_said_to_experts()).order_by("pk"),
            "id", "expert_name", "expert_address", "question", "shown", "state", "said",
        ),
        "drafts": nested(
            Draft.objects.filter(**own).annotate(files_of=_files_of_draft()).order_by("due_at", "pk"),
            "id", "kind", "text", "macros", "version", "changed_at", "due_at", "is_scheduled", "then", "returned",
            "agent__id", "agent__name", "agent__email", "files_of",
        ),
        "comment": Subquery(Survey.objects.filter(**own).values("comment")),
    }  # fmt: skip


def made_of(ticket: Ticket, asked: dict[str, Any]) -> TicketLists:
    """The lists of what the statement brought."""
    consults: list[Any] = list(instances(Consult, asked["consults"]))
    for consult in consults:
        consult.said = instances(ConsultWord, consult.said)
    drafts: list[Any] = list(instances(Draft, asked["drafts"]))
    for draft in drafts:
        draft.files_of = instances(Attachment, draft.files_of)
    return TicketLists(
        version=_told_apart(ticket.message_seq, asked),
        heard=asked["heard"] or "",
        follows=asked["follows"],
        joined={one["id"]: f"{ticket.brand.code}-{one['number']}" for one in asked["joined"]},
        tags=instances(Tag, asked["tags"]),
        links=instances(TicketLink, asked["links"]),
        values=instances(FieldValue, asked["values"]),
        given=instances(Request, asked["given"]),
        vouchers=instances(Voucher, asked["vouchers"]),
        unsaid=instances(Request, asked["unsaid"]),
        undecided=instances(Request, asked["undecided"]),
        pledged=instances(PledgeRun, asked["pledged"]),
        wrapping_up=instances(WrapUp, asked["wrapping_up"]),
        consults=consults,
        drafts=drafts,
        comment=asked["comment"] or "",
    )


def _given(whole: dict[str, Any]) -> Any:
    """Points and benefits that were given on the ticket, the last first."""
    told = Exists(_answers().filter(created_at__gte=OuterRef("given_at")))
    language = OuterRef("ticket__customer__language")
    sentence = Coalesce(ReasonSentence.objects.of("reason", language), "reason__sentence")
    given = Request.objects.filter(**whole, state=Request.State.POSTED, redemption=None)
    return given.with_given_at().annotate(told=told, sentence=sentence).order_by(newest())


def _vouchers(whole: dict[str, Any]) -> Any:
    """What was given on the ticket and can be used, the last first: a customer without an account has them nowhere
    else."""
    given = {f"redemption__goodwill__{name}": value for name, value in whole.items()}
    usable = Voucher.objects.filter(**given, used_at=None, cancelled_at=None, valid_until__gt=AT)
    return usable.order_by(newest())


def _unsaid(whole: dict[str, Any]) -> Any:
    """What the customer was told of goodwill and is no longer true, or was to be told and never was: the last first."""
    ended = Coalesce(
        "returned__posted_at",
        "redemption__ended_at",
        "given_benefit__taken_back_at",
        "decided_at",
        "asked_at",
    )
    since = _answers().filter(created_at__gte=OuterRef("given_at"), created_at__lte=OuterRef("ended"))
    back = Q(state__in=[State.UNDONE, State.REVERSED]) & Exists(since)
    over = [State.POSTED, State.DECLINED, State.LAPSED]
    held = Q(said=None, state__in=over) & ~Q(message="")
    gift = Coalesce("reward__name", "benefit__name", Value(""))
    requests = Request.objects.filter(**whole).with_given_at().annotate(ended=ended, gift=gift)
    later = _answers().filter(created_at__gt=OuterRef("ended"))
    return requests.filter(back | held).exclude(Exists(later)).order_by(newest())


def _answers() -> Any:
    """What we wrote to the customer of the ticket, whichever statement stands between."""
    in_whole = whole_of(OuterRef(OuterRef("pk")))
    return Message.objects.filter(ticket__pk__one_of=in_whole, kind=Message.Kind.OUTBOUND)


def _said_to_experts() -> Any:
    words = ConsultWord.objects.filter(consult=OuterRef("pk")).order_by("pk")
    return nested(
        words, "id", "kind", "sender", "text", "at", "state", "last_error", "author__id", "author__name"
    )


def _files_of_draft() -> Any:
    files = Attachment.objects.filter(draft=OuterRef("pk")).order_by("pk")
    return nested(files, "id", "name", "size", "content_type", "is_inline")


def _versions() -> Any:
    return Ticket.objects.annotate(it=Columns(**_version()))


def _version() -> dict[str, Any]:
    whole = {"ticket__pk__one_of": whole_of(OuterRef("pk"))}
    events = TicketEvent.objects.filter(ticket=OuterRef("pk")).order_by("-seq")
    joined = TicketEvent.objects.filter(ticket__merged_into=OuterRef("pk"))
    unsent = Message.objects.filter(**whole, state__in=[Message.State.QUEUED, Message.State.SENDING])
    return {
        "event": Subquery(events.values("seq")[:1]),
        "waiting": count_up_to(unsent),
        "others": CountUpTo(joined.order_by().values("pk")),
        "begun": nested(Draft.objects.filter(ticket=OuterRef("pk")).order_by("pk"), "id", "due_at"),
    }


def _told_apart(message: int, asked: dict[str, Any]) -> str:
    begun = "".join(
        f".{one['id']}{(one['due_at'] and one['due_at'][:19]) or ''}" for one in asked["begun"] or []
    )
    return f"{message}.{asked['event'] or 0}.{asked['waiting']}.{asked['others']}{begun}"
