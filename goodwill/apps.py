from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GoodwillConfig(AppConfig):
    name = "goodwill"
    verbose_name = _("Goodwill")

    def ready(self) -> None:
        """What was given on a ticket goes where the ticket goes when a merge is undone."""
        from customers.services import MERGE_STEPS
        from goodwill.merging import STEP

        MERGE_STEPS.append(STEP)
