"""Who the customers are: one person of exactly one brand, the ways to reach them, what they bought."""

from customers.models.history import ChangeWords, CustomerChange
from customers.models.merging import Duplicate, Merge, MergedRow, NotSame
from customers.models.notices import Notice
from customers.models.orders import Order, OrderLine, OrderLineRefund, OrderRefund, figures_of
from customers.models.people import Consent, ContactPoint, Customer
from customers.models.verification import SentCode, Verification, VerificationPolicy

__all__ = [
    "ChangeWords",
    "Consent",
    "ContactPoint",
    "Customer",
    "CustomerChange",
    "Duplicate",
    "Merge",
    "MergedRow",
    "NotSame",
    "Notice",
    "Order",
    "OrderLine",
    "OrderLineRefund",
    "OrderRefund",
    "SentCode",
    "Verification",
    "VerificationPolicy",
    "figures_of",
]
