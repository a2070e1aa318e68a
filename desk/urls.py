"""The addresses of the desk. A ticket is named by its reference: FF-4812."""

from django.urls import path

from desk.views import callbacks, customer, files, find, goodwill, person, queue, rewards, ticket

app_name = "desk"
urlpatterns = [
    path("", queue.home, name="home"),
    path("queue/", queue.queue, name="queue"),
    path("queue/next/", queue.take_next, name="take_next"),
    path("find/", find.find, name="find"),
    path("customers/new/", find.new_customer, name="new_customer"),
    path("customers/<int:pk>/", person.person, name="person"),
    path("customers/<int:pk>/pane/", person.pane, name="person_pane"),
    path("customers/<int:pk>/timeline/", person.timeline, name="person_timeline"),
    path("customers/<int:pk>/statement/", person.statement, name="statement"),
    path("customers/<int:pk>/edit/", person.edit, name="edit_customer"),
    path("customers/<int:pk>/addresses/", person.add_address, name="add_address"),
    path("customers/<int:pk>/consents/", person.consent, name="consent"),
    path("customers/<int:pk>/enrol/", person.enrol, name="enrol"),
    path("addresses/<int:pk>/<slug:what>/", person.address, name="address"),
    path("tickets/new/", find.new_ticket, name="new_ticket"),
    path("tickets/<str:reference>/", ticket.ticket, name="ticket"),
    path("tickets/<str:reference>/thread/", ticket.thread, name="thread"),
    path("tickets/<str:reference>/say/", ticket.say, name="say"),
    path("tickets/<str:reference>/assign/", ticket.assign, name="assign"),
    path("tickets/<str:reference>/status/", ticket.status, name="status"),
    path("tickets/<str:reference>/customer/", customer.customer, name="customer"),
    path("tickets/<str:reference>/timeline/", customer.timeline, name="timeline"),
    path("tickets/<str:reference>/goodwill/", goodwill.panel, name="goodwill"),
    path("tickets/<str:reference>/goodwill/effect/", goodwill.effect, name="goodwill_effect"),
    path("tickets/<str:reference>/redeem/", rewards.panel, name="redeem"),
    path("tickets/<str:reference>/redeem/<int:pk>/confirm/", rewards.confirm, name="redeem_confirm"),
    path("tickets/<str:reference>/redeem/<int:pk>/withdraw/", rewards.withdraw, name="redeem_withdraw"),
    path("tickets/<str:reference>/redeem/<int:pk>/undo/", rewards.undo, name="redeem_undo"),
    path("tickets/<str:reference>/callback/", callbacks.panel, name="promise"),
    path("entries/<int:pk>/why/", customer.why, name="why"),
    path("files/<int:pk>/", files.attachment, name="attachment"),
    path("messages/<int:pk>/words/", files.words, name="words"),
    path("callbacks/", callbacks.agenda, name="callbacks"),
    path("callbacks/due/", callbacks.due, name="due"),
    path("callbacks/<int:pk>/", callbacks.agenda, name="callback"),
    path("callbacks/<int:pk>/windows/", callbacks.windows_of, name="callback_windows"),
    path("callbacks/<int:pk>/<slug:what>/", callbacks.outcome, name="outcome"),
]
