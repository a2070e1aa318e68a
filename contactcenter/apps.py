from django.apps import AppConfig


class ContactCenterConfig(AppConfig):
    name = "contactcenter"
    verbose_name = "Contact centre"

    def ready(self) -> None:
        from contactcenter import checks  # noqa: F401  it registers them
