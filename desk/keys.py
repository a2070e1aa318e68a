"""The one table of keys: what each does, where it holds, and what presses it.

Templates ask it by name (`{% key "goodwill" %}`), the sheet behind ? prints it, the palette offers what stands in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

# The groups of the sheet, in its order.
LIST, TICKET, CUSTOMER, WRITING, PERSON, CALL, ANYWHERE = (
    _("The list"),
    _("The ticket"),
    _("The customer beside it"),
    _("While you write"),
    _("The customer’s own page"),
    _("A callback"),
    _("Everywhere"),
)
GROUPS = (LIST, TICKET, CUSTOMER, WRITING, PERSON, CALL, ANYWHERE)
# What stands on one page together: no key may mean two things there. Keys of writing are those of the form one is in.
PAGES = ((LIST, TICKET, CUSTOMER, ANYWHERE), (LIST, PERSON, ANYWHERE), (CALL, CUSTOMER, ANYWHERE))

# Where one key means different deeds on different pages: what tells the page apart, in the words of a selector.
ON = {
    TICKET: ".d-app:has(#conversation[data-ticket])",
    CALL: ".d-app:has(#conversation[data-callback])",
    PERSON: ".d-app:not(:has(#conversation:is([data-ticket], [data-callback])))",
}


@dataclass(frozen=True)
class Key:
    """`keys` as `data-key` takes them (several parted by a space), what they do in words, the group they stand in.

    `icon` puts what it presses into the palette. `by_script`: no element of a page bears it, a script answers it.
    """

    keys: str
    does: Any
    where: Any
    icon: str = ""
    by_script: bool = False

    @property
    def shown(self) -> list[list[str]]:
        """As they are printed: mod+shift+enter → Ctrl, ⇧, ↵, each on a cap of its own."""
        return [[CAPS.get(part, part.upper()) for part in one.split("+")] for one in self.keys.split()]

    @property
    def borne_by(self) -> str:
        """The selector of what bears it on its own page."""
        return f'{ON.get(self.where, ".d-app")} [data-key~="{self.keys.split()[0]}"]'


CAPS = {"mod": "Ctrl ⌘", "shift": "⇧", "alt": "Alt", "enter": "↵", "escape": "Esc"}

TABLE = {
    "down": Key("j", _("Next ticket in the list"), LIST, by_script=True),
    "up": Key("k", _("The ticket before it"), LIST, by_script=True),
    "open": Key("o", _("Open the ticket that has the focus"), LIST, by_script=True),
    "choose": Key(
        "v", _("Choose it for a deed on many; with Shift all since the last one"), LIST, by_script=True
    ),
    "take_next": Key("x", _("Take the next ticket nobody has"), LIST, "arrow-right-to-line"),
    "reply": Key("r", _("Reply"), TICKET, "reply"),
    "note": Key("n", _("Leave a note"), TICKET, "lock"),
    "assign_me": Key("a", _("Assign to me"), TICKET, "user-round"),
    "status": Key("s", _("Status"), TICKET, "circle-dot"),
    "resolve": Key("e", _("Resolve"), TICKET, "check"),
    "snooze": Key("z", _("Put off, or bring back"), TICKET, "octagon-pause"),
    "tag": Key("t", _("Tag"), TICKET, "plus"),
    "queue": Key("q", _("Move to another queue"), TICKET, "inbox"),
    "priority": Key("i", _("Priority"), TICKET, "signal-high"),
    "reason": Key("w", _("Contact reason"), TICKET, "message-circle"),
    "checklist": Key("c", _("Checklist of the reason"), TICKET, "check-check"),
    "fields": Key("f", _("Fields"), TICKET, "circle-dot"),
    "link": Key("l", _("Link with another ticket"), TICKET, "arrow-up-right"),
    "merge": Key("m", _("Merge into another ticket"), TICKET, "corner-down-left"),
    "follow_up": Key("y", _("Promise the follow-up call that is proposed"), TICKET),
    "no_follow_up": Key("-", _("No follow-up call is needed"), TICKET),
    "undo": Key("u", _("Undo the last deed while its line is shown"), TICKET),
    "goodwill": Key("g", _("Goodwill"), CUSTOMER, "hand-heart"),
    "callback": Key("b", _("Promise a callback"), CUSTOMER, "phone-call"),
    "redeem": Key("d", _("Redeem a reward"), CUSTOMER, "gift"),
    "expert": Key("h", _("Ask an expert"), CUSTOMER, "users-round"),
    "person": Key("p", _("Everything about the customer"), CUSTOMER, "user-round"),
    "verify": Key("0", _("Verify who it is"), CUSTOMER, "badge-check"),
    "send": Key("mod+enter", _("Send, or keep the note"), WRITING),
    "send_resolve": Key("mod+shift+enter", _("Send and resolve"), WRITING),
    "send_next": Key("alt+enter", _("Send, resolve, next ticket"), WRITING),
    "bold": Key("mod+b", _("Bold"), WRITING),
    "link_words": Key("mod+shift+k", _("Make the chosen words a link"), WRITING),
    "agree": Key("mod+enter", _("In the goodwill panel: agree to what waits for you"), WRITING),
    "macro": Key("/", _("Macros, at the start of a line"), WRITING),
    "new_ticket": Key("c", _("New ticket of the customer"), PERSON, "ticket"),
    "edit": Key("e", _("Edit the customer"), PERSON, "pencil"),
    "enrol": Key("m", _("Make them a member"), PERSON, "award"),
    "call": Key("c", _("Call"), CALL, "phone"),
    "accept": Key("a", _("Accept the callback"), CALL, "check"),
    "reached": Key("1", _("Reached, or done"), CALL),
    "no_answer": Key("2", _("No answer"), CALL),
    "busy": Key("3", _("Busy"), CALL),
    "voicemail": Key("4", _("Voicemail"), CALL),
    "wrong_number": Key("5", _("Wrong number"), CALL),
    "palette": Key("mod+k", _("Search or do anything"), ANYWHERE),
    "find": Key("/", _("Find a customer, an order, a ticket"), ANYWHERE, "search"),
    "close": Key("escape", _("Close what is open, leave the field"), ANYWHERE, by_script=True),
    "sheet": Key("?", _("All keys"), ANYWHERE, "command"),
}


def by_group(*, offered: bool = False) -> list[tuple[Any, list[Key]]]:
    """The table under its headings; with `offered` only what the palette can press."""
    rows = [key for key in TABLE.values() if key.icon or not offered]
    groups = [(group, [key for key in rows if key.where is group]) for group in GROUPS]
    return [(group, keys) for group, keys in groups if keys]
