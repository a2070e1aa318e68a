"""The product's addresses, and beside them the floor's."""

from django.urls import include, path

from bench.floor import views

urlpatterns = [
    path("floor/queue/", views.queue),
    path("floor/tickets/<str:reference>/", views.ticket),
    path("floor/tickets/<str:reference>/say/", views.say),
    path("", include("contactcenter.urls")),
]
