"""Who may make an account: nobody by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffOnly(DefaultAccountAdapter):
    """Agents are made by an administrator; the sign-up page does not exist."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
