"""Deeds on customers: the only writers of this room, one file per noun."""

from customers.services.orders import ORDER_STEPS, Line, record_order
from customers.services.people import (
    add_contact_point,
    create_customer,
    customer_of_address,
    record_consent,
)
from customers.services.refunds import REFUND_STEPS, Refund, refund_order

__all__ = [
    "ORDER_STEPS",
    "REFUND_STEPS",
    "Line",
    "Refund",
    "add_contact_point",
    "create_customer",
    "customer_of_address",
    "record_consent",
    "record_order",
    "refund_order",
]
