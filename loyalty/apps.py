from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LoyaltyConfig(AppConfig):
    name = "loyalty"
    verbose_name = _("Loyalty")

    def ready(self) -> None:
        """Points follow an order, and a refund, in its own transaction; newcomers become members in theirs."""
        from customers import services as customers
        from loyalty import functions, letters, services  # noqa: F401  the check of the functions registers itself

        letters.register()
        customers.ORDER_STEPS += [services.earn_for_order, services.raise_for_order]
        customers.BULK_ORDER_STEPS += [services.earn_for_orders, services.raise_for_orders]
        customers.CANCEL_STEPS.append(services.take_back_for_cancel)
        customers.REFUND_STEPS += [services.take_back_for_refund, services.lower_after_refund]
        customers.MERGE_STEPS.append(services.STEP)
        customers.NEWCOMER_STEPS.append(services.enrol_newcomers)
        customers.CUSTOMER_FINDERS.append(services.customers_by_number)
