from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        """The first of the steps by which two customers become one."""
        from customers.services import MERGE_STEPS
        from customers.services.merged_parts import STEP

        MERGE_STEPS.append(STEP)
