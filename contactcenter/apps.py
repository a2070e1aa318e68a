from django.apps import AppConfig


class ContactCenterConfig(AppConfig):
    name = "contactcenter"
    verbose_name = "Contact centre"

    def ready(self) -> None:
        from contactcenter import checks, table_names  # noqa: F401  checks register themselves

        table_names.say_in_the_readers_language()
