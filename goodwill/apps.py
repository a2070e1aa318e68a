from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GoodwillConfig(AppConfig):
    name = "goodwill"
    verbose_name = _("Goodwill")

    def ready(self) -> None:
        """What was given goes where its ticket goes when a merge is undone; macros and rules can give points."""
        from customers.services import MERGE_STEPS
        from goodwill.actions import GRANT_POINTS
        from goodwill.merging import STEP
        from tickets.actions import register

        MERGE_STEPS.append(STEP)
        register(GRANT_POINTS)
