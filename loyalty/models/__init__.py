"""What customers earned: programmes, accounts, and the ledger that is only ever added to."""

from loyalty.models.accounts import Account
from loyalty.models.ledger import Entry, Lot, LotUse
from loyalty.models.programmes import Programme
from loyalty.models.proofs import LedgerProof
from loyalty.models.tiers import Tier

__all__ = ["Account", "Entry", "LedgerProof", "Lot", "LotUse", "Programme", "Tier"]
