from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallbacksConfig(AppConfig):
    name = "callbacks"
    verbose_name = _("Callbacks")

    def ready(self) -> None:
        """A promised call follows its number, and keeps it from being taken away; macros and rules can promise one."""
        from callbacks.actions import PROMISE_CALL
        from callbacks.merging import STEP
        from callbacks.services import follow_number
        from customers.services import ADDRESS_STEPS, MERGE_STEPS
        from tickets.actions import register

        MERGE_STEPS.append(STEP)
        ADDRESS_STEPS.append(follow_number)
        register(PROMISE_CALL)
        """A promised call follows a number that is corrected and keeps one from going; a bad answer may bring one."""
        from callbacks import feedback
        from callbacks.merging import STEP
        from callbacks.services import follow_number
        from customers.services import ADDRESS_STEPS, MERGE_STEPS
        from tickets.services import BAD_STEPS

        MERGE_STEPS.append(STEP)
        ADDRESS_STEPS.append(follow_number)
        BAD_STEPS["callback"] = feedback.STEP
