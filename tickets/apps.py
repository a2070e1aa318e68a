from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = _("Tickets")

    def ready(self) -> None:
        """Mail that waits follows an address that is corrected; answers to letters reach the brand's first queue."""
        from customers.letters import SENDERS
        from customers.services import ADDRESS_STEPS, MERGE_STEPS
        from tickets.letters import register
        from tickets.own_actions import register_own
        from tickets.services import address_of, follow_address
        from tickets.services.merging import STEP

        ADDRESS_STEPS.append(follow_address)
        MERGE_STEPS.append(STEP)
        SENDERS.append(address_of)
        register_own()
        register()
