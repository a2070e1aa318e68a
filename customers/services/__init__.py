"""Deeds on customers: the only writers of this room, one file per noun."""

from customers.services.addresses import (
    ADDRESS_STEPS,
    add_contact_point,
    correct_contact_point,
    remove_contact_point,
    verify_contact_point,
)
from customers.services.consents import change_consent, record_consent
from customers.services.duplicates import compare_some, not_the_same
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
from customers.services.merge_steps import (
    BACK,
    KEPT,
    MERGE_STEPS,
    Item,
    MergeStep,
    Place,
    Undoing,
    bring_back,
    came_along,
    hand_over,
    take_along,
    write_down,
)
from customers.services.merged_parts import chosen, had_as_well, last_of
from customers.services.merging import MERGE, merge, since, unmerge
from customers.services.notices import may_be_written_to, take_back_notice, write_notice, write_notices
from customers.services.orders import CANCEL_STEPS, ORDER_STEPS, Line, cancel_order, record_order
from customers.services.people import create_customer, customer_of_address
from customers.services.profile import edit_profile, set_birthday
from customers.services.refunds import REFUND_STEPS, Refund, refund_order
from customers.services.standing import (
    expect_in_use,
    merged_meanwhile,
    those_who_stay,
    those_who_stay_now,
    who_stays,
)

__all__ = [
    "ADDRESS_STEPS",
    "BACK",
    "BULK_ORDER_STEPS",
    "CANCEL_STEPS",
    "CUSTOMER_FINDERS",
    "KEPT",
    "MERGE",
    "MERGE_STEPS",
    "NEWCOMER_STEPS",
    "ORDER_STEPS",
    "REFUND_STEPS",
    "Item",
    "Line",
    "MergeStep",
    "Newcomer",
    "Place",
    "Purchase",
    "Refund",
    "Undoing",
    "add_contact_point",
    "bring_back",
    "came_along",
    "cancel_order",
    "change_consent",
    "chosen",
    "compare_some",
    "correct_contact_point",
    "create_customer",
    "create_customers",
    "customer_of_address",
    "edit_profile",
    "expect_in_use",
    "had_as_well",
    "hand_over",
    "last_of",
    "may_be_written_to",
    "merge",
    "merged_meanwhile",
    "not_the_same",
    "owners_of",
    "record_consent",
    "record_order",
    "record_orders",
    "refund_order",
    "remove_contact_point",
    "set_birthday",
    "since",
    "take_along",
    "take_back_notice",
    "those_who_stay",
    "those_who_stay_now",
    "unmerge",
    "verify_contact_point",
    "who_stays",
    "write_down",
    "write_notice",
    "write_notices",
]
