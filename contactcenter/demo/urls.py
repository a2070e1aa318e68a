"""The addresses of the customers' side of the demo; contactcenter/urls.py takes them in where DEMO=true."""

from django.urls import path

from contactcenter.demo import pages

app_name = "demo"
urlpatterns = [
    path("", pages.customers, name="customers"),
    path("<int:pk>/", pages.inbox, name="inbox"),
    path("<int:pk>/write/", pages.write, name="write"),
    path("<int:pk>/<str:reference>/", pages.inbox, name="conversation"),
]
