from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin import sites
from django.utils.translation import gettext_lazy as _


class AgentsConfig(AppConfig):
    name = "agents"
    verbose_name = _("Agents")

    def ready(self) -> None:
        from agents.site_admin import Site

        admin.site = sites.site = Site()  # before anybody registers
