"""A demo that is started on a later day moves along: what happened stays past, what was to come is to come again.

The time in which nobody worked in it is taken out, as if the house had slept. What is older than two days moves
by the whole days of it, so that a letter of the morning stays one of the morning; what is newer, and what lies
ahead, by all of it, so that the desk stands as it was left. The order of things never changes. Points end at
local midnights before and after. Everything of ours moves, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import connection, models
from django.db.backends.utils import CursorWrapper
from django.db.models import F, Max

from agents.models import Answer, Token
from agents.presence.models import Presence, Stretch
from callbacks import windows
from callbacks.models import Attempt, Callback, CallbackEvent
from contactcenter.demo import brands, purchases
from customers.models import Consent, Customer, CustomerChange, Order, OrderRefund
from goodwill.models import Policy
from loyalty.models import Entry, LotUse, Redemption, TierChange
from tickets.chain import chain_again
from tickets.models import InboundMail, Message, TicketEvent

ROOMS = ("agents", "customers", "loyalty", "tickets", "goodwill", "callbacks")
SIDES = ("before", "after")  # of what an event says it changed
STAYS_AS_IT_WAS = timedelta(days=2)
# When people and customers last did something: what the clock of the house does by itself is no deed.
DEEDS: list[tuple[type[models.Model], str]] = [
    (Message, "created_at"), (TicketEvent, "at"), (Attempt, "at"), (InboundMail, "received_at"), (Order, "placed_at"),
    (OrderRefund, "recorded_at"), (Consent, "recorded_at"), (Customer, "created_at"), (CustomerChange, "at"),
    (LogEntry, "action_time"), (Redemption, "asked_at"),
]  # fmt: skip
# Instants that lie ahead, and what decides how far they move: a word and its answer, a window's two ends, go together.
AHEAD = {
    "tickets_ticket.due_at": "coalesce(due_since, due_at)",
    "tickets_ticket.closes_at": "coalesce(resolved_at, closes_at)",
    "tickets_ticket.snoozed_until": "snoozed_until",
    "tickets_clock.due_at": "since",
    "tickets_clock.next_at": "since",
    "tickets_message.due_at": "due_at",
    "tickets_draft.due_at": "due_at",
    "tickets_survey.due_at": "due_at",
    "tickets_consult.expires_at": "expires_at",
    "tickets_consultword.due_at": "due_at",
    "tickets_wrapup.until": "started_at",
    "tickets_wrapup.ended_at": "started_at",
    "tickets_shoptask.tell_at": "coalesce(taken_at, asked_at)",
    "tickets_shoptask.lease_until": "coalesce(taken_at, lease_until)",
    "callbacks_callback.window_from": "window_from",
    "callbacks_callback.window_to": "window_from",
    "callbacks_callback.promised_to": "window_from",
    "callbacks_callback.look_at": "window_from",
    "callbacks_callback.offer_until": "window_from",
    "callbacks_attempt.ask_at": "at",
    "customers_notice.due_at": "due_at",
    "customers_notice.until": "written_at",
    "customers_verification.until": "at",
    "customers_sentcode.until": "asked_at",
    "goodwill_request.lapses_at": "asked_at",
    "goodwill_incidentgrant.lapses_at": "asked_at",
    "goodwill_offer.default_at": "sent_at",
    "goodwill_pledgerun.due_at": "started_at",
    "goodwill_pledgerun.look_at": "started_at",
    "goodwill_budget.starts_at": "starts_at",
    "goodwill_budget.ends_at": "starts_at",
    "loyalty_campaign.starts_at": "starts_at",
    "loyalty_campaign.ends_at": "ends_at",
    "loyalty_givenbenefit.ends_at": "starts_at",
    "loyalty_hold.expires_at": "expires_at",
    "loyalty_pendinggrant.matures_at": "matures_at",
    "loyalty_reward.starts_at": "starts_at",
    "loyalty_reward.ends_at": "ends_at",
}
_ZONE_OF_LOT = (
    "(SELECT p.time_zone FROM loyalty_account a JOIN loyalty_programme p ON p.id = a.programme_id"
    " WHERE a.id = account_id)"
)
_ZONE_OF_ACCOUNT = "(SELECT p.time_zone FROM loyalty_programme p WHERE p.id = programme_id)"
# Instants that are local midnights, and whose.
_ZONE_OF_VOUCHER = (
    "(SELECT p.time_zone FROM loyalty_redemption r JOIN loyalty_reward w ON w.id = r.reward_id"
    " JOIN loyalty_programme p ON p.id = w.programme_id WHERE r.id = redemption_id)"
)
_ZONE_OF_EXTENSION = (
    "(SELECT p.time_zone FROM loyalty_lot l JOIN loyalty_account a ON a.id = l.account_id"
    " JOIN loyalty_programme p ON p.id = a.programme_id WHERE l.id = lot_id)"
)
MIDNIGHTS = {
    "loyalty_lotextension.first_until": _ZONE_OF_EXTENSION,
    "loyalty_lotextension.was_until": _ZONE_OF_EXTENSION,
    "loyalty_lotextension.until": _ZONE_OF_EXTENSION,
    "loyalty_lot.expires_at": _ZONE_OF_LOT,
    "loyalty_account.next_expiry": _ZONE_OF_ACCOUNT,
    "loyalty_voucher.valid_until": _ZONE_OF_VOUCHER,
}
# Instants that stay where they are: tiers end with a year of the calendar, whatever day the demo is told on.
STAYS = {
    "loyalty_account.tier_valid_until",
    "loyalty_tierchange.valid_until",
    "loyalty_tierchange.benefits_until",
    "loyalty_tierfloor.ends_at",
    "loyalty_tierset.in_force_from",
    "loyalty_statementrun.month",
    "tickets_specialday.day",
    "tickets_fieldvalue.date",
    "goodwill_policy.starts_at",
    "goodwill_policy.ends_at",
    "goodwill_pledge.starts_at",
    "goodwill_pledge.ends_at",
    "goodwill_watch.night",
}


@dataclass(frozen=True)
class Sleep:
    """The time in which nobody worked in the demo: from the `last` deed until `now`."""

    last: datetime
    now: datetime

    @property
    def length(self) -> timedelta:
        return self.now - self.last

    @property
    def days(self) -> timedelta:
        """The whole days of it."""
        return timedelta(days=self.length.days)

    @property
    def recent(self) -> datetime:
        """What happened after this instant moves by the whole length."""
        return self.last - STAYS_AS_IT_WAS

    def moved(self, at: datetime, *, decided_by: datetime | None = None) -> datetime:
        """Where an instant lies afterwards; `decided_by` is the one that decides how far, by default itself."""
        return at + (self.days if (decided_by or at) <= self.recent else self.length)


def since(as_of: datetime, now: datetime) -> Sleep:
    """The sleep of a demo that stood as of `as_of`: it began with the last thing that somebody did."""
    deeds = [model._default_manager.filter(**{f"{at}__lte": now}) for model, at in DEEDS]
    latest = [rows.aggregate(last=Max(at))["last"] for rows, (_, at) in zip(deeds, DEEDS, strict=True)]
    latest.append(
        Entry.objects.exclude(actor=None)
        .filter(posted_at__lte=now)
        .aggregate(last=Max("occurred_at"))["last"]
    )
    return Sleep(max(as_of, *(at for at in latest if at)), now)


def is_later_day(as_of: datetime, now: datetime) -> bool:
    """Whether `now` is on a later day than `as_of`, where the first brand is at home."""
    zone = ZoneInfo(brands.BRANDS["FF"]["time_zone"])
    return now.astimezone(zone).date() > as_of.astimezone(zone).date()


def year_has_turned(as_of: datetime, now: datetime) -> bool:
    """Whether other orders give the tiers now than did then."""
    return any(
        purchases.counted_year(code, as_of)[0] != purchases.counted_year(code, now)[0]
        for code in brands.BRANDS
    )


def move(sleep: Sleep) -> None:
    """Move every instant of our tables along, in the caller's transaction; nobody writes meanwhile."""
    tables = [(model, _columns(model)) for model in _moving()]
    with connection.cursor() as cursor:
        names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model, _ in tables)
        cursor.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
        ahead = _windows_ahead(sleep)
        with guards_set_aside():
            _move_events(sleep, ahead)
            for model, columns in tables:
                _move_table(cursor, model, columns, sleep)
            chain_again()
    for pk, (start, end) in ahead.items():
        later = start - F("window_from")
        Callback.objects.filter(pk=pk).update(
            window_from=start,
            window_to=end,
            promised_to=F("promised_to") + later,
            look_at=F("look_at") + later,
        )


def held() -> dict[str, int]:
    """How many rows each of our tables holds, but for those that the clock of the house writes or sweeps away.

    Who was made at the shell, a token, an import: whatever is here beside what was told shows in it.
    """
    tables: list[type[models.Model]] = [*_moving(), Token]
    counts = {
        model._meta.label: model._default_manager.count()
        for model in tables
        if model not in (Answer, Entry, LotUse, TierChange, Presence, Stretch)
    }
    counts[Entry._meta.label] = Entry.objects.exclude(kind=Entry.Kind.EXPIRE).count()
    return counts


def wipe() -> None:
    """Take everything away that hangs on a brand or an agent: a demo to which nothing has been added.

    The limits of goodwill that came with the installation stay.
    """
    of_all = list(Policy.objects.filter(brand=None))
    with connection.cursor() as cursor, guards_set_aside():
        cursor.execute("TRUNCATE agents_brand, agents_agent, agents_skill RESTART IDENTITY CASCADE")
    for policy in of_all:
        policy.pk = None
    Policy.objects.bulk_create(of_all)


@contextmanager
def guards_set_aside() -> Iterator[None]:
    """Inside, rows that are written once can be moved. An error undoes it with the transaction it stands in.

    It takes the owner of the tables, and locks writers out: no page of the house ever comes here.
    """
    guards = [
        (model._meta.db_table, trigger.get_pgid(model))
        for model in _moving()
        for trigger in getattr(model._meta, "triggers", [])
    ]
    _switch(guards, "DISABLE")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a trigger is not switched while a check is owed
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    _switch(guards, "ENABLE")


def _switch(guards: list[tuple[str, str]], how: str) -> None:
    with connection.cursor() as cursor:
        for table, name in guards:
            quoted = connection.ops.quote_name(table), connection.ops.quote_name(name)
            cursor.execute(f"ALTER TABLE {quoted[0]} {how} TRIGGER {quoted[1]}")


def _moving() -> list[type[models.Model]]:
    """Every table whose instants move. Sessions and tokens stay: a token that ends on a day ends on that day."""
    ours = [model for room in ROOMS for model in apps.get_app_config(room).get_models() if model is not Token]
    return [*ours, LogEntry]


def _columns(model: type[models.Model]) -> list[models.Field]:
    table = model._meta.db_table
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.DateTimeField) and f"{table}.{field.column}" not in STAYS
    ]


def _move_table(
    cursor: CursorWrapper, model: type[models.Model], columns: list[models.Field], sleep: Sleep
) -> None:
    if not columns:
        return
    table = model._meta.db_table
    sets = ", ".join(f"{column.column} = {_moved_sql(table, str(column.column))}" for column in columns)
    values: dict[str, Any] = {
        "recent": sleep.recent,
        "days": sleep.days,
        "length": sleep.length,
        "last": sleep.last,
        "now": sleep.now,
    }
    statement = f"UPDATE {connection.ops.quote_name(table)} SET {sets}"  # noqa: S608  names of our own tables
    cursor.execute(statement, values)


def _moved_sql(table: str, column: str) -> str:
    """The instant of a column after the move; nothing that has happened comes to lie ahead."""
    name = f"{table}.{column}"
    if zone := MIDNIGHTS.get(name):
        days = f"((%(now)s AT TIME ZONE {zone})::date - (%(last)s AT TIME ZONE {zone})::date)"
        return f"({column} AT TIME ZONE {zone} + make_interval(days => {days})) AT TIME ZONE {zone}"
    decides = AHEAD.get(name, column)
    later = f"{column} + %(length)s"
    if name not in AHEAD:
        later = f"LEAST({later}, GREATEST({column}, %(now)s))"
    return f"CASE WHEN {decides} <= %(recent)s THEN {column} + %(days)s WHEN {decides} > %(recent)s THEN {later} END"


def _windows_ahead(sleep: Sleep) -> dict[int, tuple[datetime, datetime]]:
    """The windows of calls to come that the move would carry into the customer's quiet hours: the next morning's."""
    ahead = {}
    for call in Callback.objects.filter(kind=Callback.Kind.CALL, state__in=Callback.WAITING):
        start = sleep.moved(call.window_from)
        length, zone = call.window_to - call.window_from, ZoneInfo(call.zone)
        awake = windows.after_quiet(start, length, zone)
        if awake != start:
            ahead[call.pk] = (awake, awake + length)
    return ahead


def _move_events(sleep: Sleep, ahead: dict[int, tuple[datetime, datetime]]) -> None:
    """What the conversation and the log say of promised windows moves as the windows do."""
    for event in TicketEvent.objects.filter(kind=TicketEvent.Kind.CALLBACK):
        _move_event(event, event.data["callback"], sleep, ahead)
    for line in CallbackEvent.objects.filter(data__has_key=SIDES[1]):
        _move_event(line, line.callback_id, sleep, ahead)


def _move_event(
    event: TicketEvent | CallbackEvent,
    callback: int,
    sleep: Sleep,
    ahead: dict[int, tuple[datetime, datetime]],
) -> None:
    moved = {side: _moved_window(sleep, event.data[side], callback, ahead) for side in SIDES}
    type(event)._default_manager.filter(pk=event.pk).update(data=event.data | moved)


def _moved_window(
    sleep: Sleep, told: dict[str, Any] | None, callback: int, ahead: dict[int, tuple[datetime, datetime]]
) -> dict[str, Any] | None:
    if told is None:
        return None
    start, end = (datetime.fromisoformat(told[name]) for name in ("from", "to"))
    moved = sleep.moved(start), sleep.moved(end, decided_by=start)
    call = Callback.objects.filter(pk=callback, window_from=start, pk__in=ahead).first()
    start, end = ahead[call.pk] if call else moved
    return told | {"from": start.isoformat(), "to": end.isoformat()}
