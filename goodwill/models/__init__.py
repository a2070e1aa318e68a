"""What we give back: the reasons, who may give how much, what there is to give, what was asked for, what stands out."""

from goodwill.models.budgets import Budget
from goodwill.models.findings import Finding, Watch
from goodwill.models.incidents import IncidentGrant, IncidentLine
from goodwill.models.offers import Offer, Remedy
from goodwill.models.pledges import Pledge, PledgeRun
from goodwill.models.policies import Policy
from goodwill.models.reasons import Reason, ReasonSentence, filled_in
from goodwill.models.requests import Request

__all__ = [
    "Budget",
    "Finding",
    "IncidentGrant",
    "IncidentLine",
    "Offer",
    "Pledge",
    "PledgeRun",
    "Policy",
    "Reason",
    "ReasonSentence",
    "Remedy",
    "Request",
    "Watch",
    "filled_in",
]
