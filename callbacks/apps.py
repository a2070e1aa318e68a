from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallbacksConfig(AppConfig):
    name = "callbacks"
    verbose_name = _("Callbacks")

    def ready(self) -> None:
        """A promised call follows its number, and keeps it from being taken away; macros, rules and the answer to a bad
        word of a customer's can promise one. Its letters are made known."""
        from callbacks import feedback
        from callbacks.actions import CANCEL_CALL, PROMISE_CALL
        from callbacks.dialling import checks  # noqa: F401  registers itself
        from callbacks.letters import register as register_letters
        from callbacks.merging import STEP
        from callbacks.services import follow_number
        from customers.services import ADDRESS_STEPS, MERGE_STEPS
        from tickets.actions import register
        from tickets.services import BAD_STEPS

        MERGE_STEPS.append(STEP)
        ADDRESS_STEPS.append(follow_number)
        BAD_STEPS["callback"] = feedback.STEP
        register(PROMISE_CALL, CANCEL_CALL)
        register_letters()
