from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LoyaltyConfig(AppConfig):
    name = "loyalty"
    verbose_name = _("Loyalty")

    def ready(self) -> None:
        """Points follow an order in the order's own transaction."""
        from customers.services import ORDER_STEPS
        from loyalty.services import earn_for_order

        ORDER_STEPS.append(earn_for_order)
