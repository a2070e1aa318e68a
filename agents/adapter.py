"""Who may make an account: nobody by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from agents.models import Agent


class StaffOnly(DefaultAccountAdapter):
    """Agents are made by an administrator; the sign-up page does not exist."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_password_reset_mail(self, user: Agent, email: str, context: dict[str, Any]) -> None:
        """Only to whom an administrator gave a password: who reads a machine's mailbox opens no desk with it."""
        if user.has_usable_password():
            super().send_password_reset_mail(user, email, context)
