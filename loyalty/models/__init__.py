"""What customers earned: programmes, accounts, and the ledger that is only ever added to."""

from loyalty.models.accounts import Account, AccountEvent, with_merged
from loyalty.models.benefits import Benefit, BenefitUse, GivenBenefit
from loyalty.models.earning import Campaign, EarningRule, RuleVersion
from loyalty.models.extensions import LotExtension
from loyalty.models.holds import Adjustment, Hold
from loyalty.models.ledger import Entry, Lot, LotUse
from loyalty.models.pending import PendingGrant
from loyalty.models.programmes import Programme
from loyalty.models.proofs import LedgerProof
from loyalty.models.referrals import Referral
from loyalty.models.rewards import Redemption, Reward, Voucher
from loyalty.models.statement_runs import StatementRun
from loyalty.models.tier_history import TierChange, TierFloor
from loyalty.models.tiers import Criterion, Tier, TierSet

__all__ = [
    "Account",
    "AccountEvent",
    "Adjustment",
    "Benefit",
    "BenefitUse",
    "Campaign",
    "Criterion",
    "EarningRule",
    "Entry",
    "GivenBenefit",
    "Hold",
    "LedgerProof",
    "Lot",
    "LotExtension",
    "LotUse",
    "PendingGrant",
    "Programme",
    "Redemption",
    "Referral",
    "Reward",
    "RuleVersion",
    "StatementRun",
    "Tier",
    "TierChange",
    "TierFloor",
    "TierSet",
    "Voucher",
    "with_merged",
]
