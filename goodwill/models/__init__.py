"""What we give back: the reasons, who may give how much, what there is to give, what was asked for, what stands out."""

from goodwill.models.budgets import Budget
from goodwill.models.findings import Finding, Watch
from goodwill.models.policies import Policy
from goodwill.models.reasons import Reason
from goodwill.models.requests import Request

__all__ = ["Budget", "Finding", "Policy", "Reason", "Request", "Watch"]
