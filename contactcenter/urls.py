"""Every address of the house."""

from allauth.account import views as account
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

from agents.admin import sign_in as sign_in_to_admin
from callbacks import hooks
from callbacks import pages as callbacks
from desk import pages as desk
from goodwill import pages as goodwill
from tickets import pages

# Staff are made by an administrator: of allauth's pages only those to sign in, out and to set a new password exist.
sign_in = [
    path("sign-in/", account.LoginView.as_view(extra_context={"demo": settings.DEMO}), name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_reset, name="account_reset_password"),
    path("password/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/set/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
]

urlpatterns = [
    path("accounts/", include(sign_in)),
    path("admin/login/", sign_in_to_admin),
    path("admin/", admin.site.urls),
    path("api/", include("contactcenter.api.urls")),
    path("asked/<str:word>/", pages.survey, name="survey_page"),
    path("chosen/<str:word>/", goodwill.offer, name="offer_page"),
    path("calendar/<str:word>.ics", callbacks.feed, name="callback_feed"),
    path("call/<str:word>/", callbacks.promise, name="callback_page"),
    path("call-me/<str:word>/", callbacks.ask, name="callback_request"),
    path("hooks/calls/<int:attempt>/", hooks.heard, name="call_heard"),
    path("consulted/<str:word>/", pages.consult, name="consult_page"),
    path("sent/<str:word>/", desk.mail, name="mail_page"),
    path("kept/<str:word>/", desk.file, name="file_page"),
    path("shown/<str:word>/", desk.picture, name="picture_page"),
    path("", include("desk.urls")),
]
if settings.DEMO:
    urlpatterns.insert(0, path("demo/customer/", include("contactcenter.demo.urls")))

handler500 = "contactcenter.outage.answer_error"
