"""The addresses under /api/v1/. What is none of them is answered as a problem too."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from agents.presence.api import Presences
from callbacks.api import Callbacks
from contactcenter.api import problems, schema
from goodwill.api import Goodwill
from loyalty.api import Customers, LoyalOrders, Vouchers
from tickets.api import Tickets
from tickets.shop_api import ShopTasks
from tickets.sorting_api import Fields, Reasons

app_name = "api"

rooms = SimpleRouter()
rooms.register("customers", Customers, basename="customer")
rooms.register("orders", LoyalOrders, basename="order")
rooms.register("tickets", Tickets, basename="ticket")
rooms.register("contact-reasons", Reasons, basename="reason")
rooms.register("ticket-fields", Fields, basename="field")
rooms.register("shop-tasks", ShopTasks, basename="shop-task")
rooms.register("goodwill", Goodwill, basename="goodwill")
rooms.register("vouchers", Vouchers, basename="voucher")
rooms.register("callbacks", Callbacks, basename="callback")
rooms.register("presence", Presences, basename="presence")

urlpatterns = [
    path("v1/schema/", schema.schema, name="schema"),
    path("v1/docs/", schema.docs, name="docs"),
    path("v1/", include(rooms.urls)),
    re_path(r"", problems.NothingHere.as_view(), name="nothing"),
]
