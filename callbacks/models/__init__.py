"""What we promised: calls and tasks within a window of time, every try to keep them, and the rules they follow."""

from callbacks.models.attempts import Attempt
from callbacks.models.people import ContactHours, Line
from callbacks.models.policies import CallbackPolicy, FollowUp, QuietHours, RetryRule
from callbacks.models.promises import Callback, CallbackEvent

__all__ = [
    "Attempt",
    "Callback",
    "CallbackEvent",
    "CallbackPolicy",
    "ContactHours",
    "FollowUp",
    "Line",
    "QuietHours",
    "RetryRule",
]
