"""What a promise that nobody wrote by hand needs: the number it goes to, and the first window that may be promised."""

from __future__ import annotations

from datetime import datetime

from callbacks import retries
from callbacks.capacity import Span
from callbacks.services.booking import Asked, Booking
from customers.models import ContactPoint, Customer


def phone_of(customer: Customer) -> ContactPoint | None:
    """The number a call to the customer goes to; None where we know none."""
    return customer.contact_points.filter(kind=ContactPoint.Kind.PHONE).first()


def first_window(asked: Asked, start: datetime, *, at: datetime) -> Span | None:
    """The first hour of the wall clock at or after `start` (UTC) in which the call can be promised; None in 90 days."""
    return Booking(asked, at).first(retries.next_hour(start, asked.place.zone))
