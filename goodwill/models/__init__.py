"""What we give back: the reasons, who may give how much, what there is to give, and all that was asked for."""

from goodwill.models.budgets import Budget
from goodwill.models.pledges import Pledge, PledgeRun
from goodwill.models.policies import Policy
from goodwill.models.reasons import Reason
from goodwill.models.requests import Request

__all__ = ["Budget", "Pledge", "PledgeRun", "Policy", "Reason", "Request"]
