"""What the demo does by itself, and the answers that are written once: rules and macros of both brands."""

from __future__ import annotations

from typing import Any

import tickets.services
from contactcenter.demo.story import Story
from tickets.models import Macro, Rule

PUBLISHED_BY = "ruth"
# Title, shortcut, text, and what is done when it is sent.
MACROS: list[tuple[str, str, str, list[dict[str, Any]]]] = [
    (
        "Parcel is late", "late",
        "Hello {customer first name},\n\nI am sorry that your parcel is late. I have asked the courier where it is and"
        " write to you as soon as I know.\n\nKind regards,\n{agent name}",
        [{"do": "tag", "name": "late parcel"}, {"do": "grant_points", "reason": "late-parcel"}],
    ),
    (
        "Points that expire", "points",
        "Hello {customer first name},\n\nyou own {balance} points. {expiring points} of them expire on {expires on};"
        " until then they are worth the same as all others.\n\nKind regards,\n{agent name}",
        [],
    ),
    (
        "All is well now", "done",
        "Hello {customer first name},\n\nI am glad that it is solved. Should anything be left, answer this mail:"
        " {ticket number} opens again.\n\nKind regards,\n{agent name}",
        [{"do": "resolve"}],
    ),
]  # fmt: skip
# Name, when, conditions, actions, and whether it is in force.
RULES: list[tuple[str, str, dict[str, Any], list[dict[str, Any]], bool]] = [
    (
        "Gold and better go first", "opened", {"fact": "tier", "op": "at_least", "value": "gold"},
        [{"do": "priority", "priority": 3}], True,
    ),
    (
        "Invoices are tagged", "heard", {"fact": "words", "op": "contains", "value": "invoice"},
        [{"do": "tag", "name": "invoice"}], True,
    ),
    (
        "Quiet for three days", "time",
        {"all": [
            {"fact": "waiting_on", "op": "is", "value": "customer"},
            {"fact": "hours_since_last_word", "op": "at_least", "value": 72},
        ]},
        [{"do": "note", "text": "Nothing heard for three days."}, {"do": "notify", "whom": "assignee"}], False,
    ),
]  # fmt: skip


def set_up(story: Story) -> None:
    """Write rules and macros of each brand down; they look at what happens from now on."""
    for code, brand in story.brands.items():
        for title, shortcut, text, actions in MACROS:
            Macro.objects.create(
                brand=brand,
                title=title,
                shortcut=shortcut,
                text=text,
                actions=_with_ids(story, code, actions),
            )
        for position, (name, event, conditions, actions, is_active) in enumerate(RULES, 1):
            rule = Rule.objects.create(
                brand=brand, name=name, position=position, event=event, conditions=conditions, actions=actions
            )
            tickets.services.publish_rule(rule, by=story.agents[PUBLISHED_BY], at=story.now)
            Rule.objects.filter(pk=rule.pk).update(is_active=is_active)


def _with_ids(story: Story, code: str, actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        one | {"reason": story.reasons[code, one["reason"]].pk} if "reason" in one else one for one in actions
    ]
