"""What a token may be made for: scope → what it opens. A scope opens nothing its agent may not do anyway."""

from django.utils.translation import gettext_lazy as _

SCOPES = {
    "customers:read": _("Customers, their addresses, accounts and points"),
    "customers:write": _("New customers and members"),
    "orders:read": _("Orders"),
    "orders:write": _("New orders and refunds"),
    "tickets:read": _("Tickets and what was said in them"),
    "tickets:write": _("New tickets and replies"),
    "shop:read": _("Tasks for the shop"),
    "shop:write": _("Taking tasks for the shop and reporting on them"),
    "goodwill:read": _("Points given as an apology"),
    "goodwill:write": _("Giving points as an apology"),
    "callbacks:read": _("Promised calls"),
    "callbacks:write": _("Promising, moving and cancelling calls"),
    "presence:read": _("Who is there"),
    "presence:write": _("Going into a state"),
    "vouchers:write": _("Taking in vouchers at a till"),
}
READING = frozenset(scope for scope in SCOPES if scope.endswith(":read"))
