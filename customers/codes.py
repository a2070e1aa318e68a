"""Codes of six digits that a customer reads out: made of a nonce and the secret of the house, written down nowhere."""

from __future__ import annotations

import secrets

from django.utils.crypto import constant_time_compare, salted_hmac


def new_nonce() -> str:
    """What a code is made of; it stands in a row and tells nothing without the secret."""
    return secrets.token_hex(16)


def digits(purpose: str, nonce: str) -> str:
    """The six digits of a nonce, other ones for every `purpose`: a keyed hash, made anew each time it is asked for."""
    digest = salted_hmac(purpose, nonce, algorithm="sha256").digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def is_right(typed: str, purpose: str, nonce: str) -> bool:
    """Whether what was typed is the code, compared in the same time whatever it is; blanks do not matter."""
    return constant_time_compare("".join(typed.split()), digits(purpose, nonce))
