from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallbacksConfig(AppConfig):
    name = "callbacks"
    verbose_name = _("Callbacks")

    def ready(self) -> None:
        """A promised call follows a number that is corrected, and keeps one from being taken away."""
        from callbacks.merging import STEP
        from callbacks.services import follow_number
        from customers.services import ADDRESS_STEPS, MERGE_STEPS

        MERGE_STEPS.append(STEP)
        ADDRESS_STEPS.append(follow_number)
