from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LoyaltyConfig(AppConfig):
    name = "loyalty"
    verbose_name = _("Loyalty")

    def ready(self) -> None:
        """Points follow an order, and a refund, in its own transaction."""
        from customers.services import ORDER_STEPS, REFUND_STEPS
        from loyalty.services import earn_for_order, take_back_for_refund

        ORDER_STEPS.append(earn_for_order)
        REFUND_STEPS.append(take_back_for_refund)
