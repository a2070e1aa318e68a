"""Diallers: modules of one shape, found through one dict by what CallbackPolicy.dialler names."""

from callbacks.dialling import rest, sip, tel
from callbacks.dialling.port import Dialer, DiallerDown, Order, Placed, Stage, Standing, Why

DIALLERS: dict[str, Dialer] = {"tel": tel, "sip": sip, "rest": rest}

__all__ = ["DIALLERS", "Dialer", "DiallerDown", "Order", "Placed", "Stage", "Standing", "Why"]
