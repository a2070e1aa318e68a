from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = _("Tickets")

    def ready(self) -> None:
        """Mail that waits follows an address that is corrected, and keeps one from being taken away."""
        from customers.services import ADDRESS_STEPS
        from tickets.services import follow_address

        ADDRESS_STEPS.append(follow_address)
