from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        """The first of the steps by which two customers become one, and the letter with a code."""
        from customers.letters import KINDS, Kind
        from customers.services import MERGE_STEPS
        from customers.services.merged_parts import STEP
        from customers.services.verifying import TEMPLATE, of_code

        KINDS[TEMPLATE] = Kind(facts=of_code)
        MERGE_STEPS.append(STEP)
