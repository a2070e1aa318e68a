from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LoyaltyConfig(AppConfig):
    name = "loyalty"
    verbose_name = _("Loyalty")

    def ready(self) -> None:
        """Points follow an order, and a refund, in its own transaction; newcomers become members in theirs."""
        from customers import services as customers
        from customers.questions import QUESTIONS, Question
        from loyalty import functions, letters, services  # noqa: F401  the check of the functions registers itself

        letters.register()
        QUESTIONS["loyalty_number"] = Question(_("Loyalty number"), services.answers_by_number)
        customers.ORDER_STEPS += [
            services.lock_for_first_order, services.earn_for_order, services.raise_for_order,
            services.reward_referral,
        ]  # fmt: skip
        customers.BULK_ORDER_STEPS += [
            services.lock_for_first_orders, services.earn_for_orders, services.raise_for_orders,
            services.reward_referrals,
        ]  # fmt: skip
        customers.CANCEL_STEPS += [
            services.lock_for_cancel, services.take_back_for_cancel, services.lower_after_cancel,
            services.take_back_referral_for_cancel,
        ]  # fmt: skip
        customers.REFUND_STEPS += [
            services.lock_for_refund, services.take_back_for_refund, services.lower_after_refund,
            services.take_back_referral_for_refund,
        ]  # fmt: skip
        customers.MERGE_STEPS.append(services.STEP)
        customers.NEWCOMER_STEPS.append(services.enrol_newcomers)
        customers.CUSTOMER_FINDERS.append(services.customers_by_number)
