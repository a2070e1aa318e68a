"""Deeds on customers: the only writers of this room, one file per noun."""

from customers.services.addresses import (
    ADDRESS_STEPS,
    add_contact_point,
    correct_contact_point,
    remove_contact_point,
    verify_contact_point,
)
from customers.services.consents import change_consent, record_consent
from customers.services.many import (
    BULK_ORDER_STEPS,
    CUSTOMER_FINDERS,
    NEWCOMER_STEPS,
    Newcomer,
    Purchase,
    create_customers,
    owners_of,
    record_orders,
)
from customers.services.notices import may_be_written_to, take_back_notice, write_notice, write_notices
from customers.services.orders import CANCEL_STEPS, ORDER_STEPS, Line, cancel_order, record_order
from customers.services.people import create_customer, customer_of_address
from customers.services.profile import edit_profile, set_birthday
from customers.services.refunds import REFUND_STEPS, Refund, refund_order

__all__ = [
    "ADDRESS_STEPS",
    "BULK_ORDER_STEPS",
    "CANCEL_STEPS",
    "CUSTOMER_FINDERS",
    "NEWCOMER_STEPS",
    "ORDER_STEPS",
    "REFUND_STEPS",
    "Line",
    "Newcomer",
    "Purchase",
    "Refund",
    "add_contact_point",
    "cancel_order",
    "change_consent",
    "correct_contact_point",
    "create_customer",
    "create_customers",
    "customer_of_address",
    "edit_profile",
    "may_be_written_to",
    "owners_of",
    "record_consent",
    "record_order",
    "record_orders",
    "refund_order",
    "remove_contact_point",
    "set_birthday",
    "take_back_notice",
    "verify_contact_point",
    "write_notice",
    "write_notices",
]
