"""Addresses of an organization's own sign-in and its directory."""

from django.urls import path

from portal.members.views import single_sign_on

PAGE = "organizations/<slug:slug>/sign-in/"

urlpatterns = [
    path(PAGE, single_sign_on.setup, name="single-sign-on"),
    path(f"{PAGE}check/", single_sign_on.check, name="single-sign-on-check"),
    path(f"{PAGE}try/", single_sign_on.try_it, name="single-sign-on-try"),
    path(f"{PAGE}switch/", single_sign_on.switch, name="single-sign-on-switch"),
    path(f"{PAGE}remove/", single_sign_on.remove, name="single-sign-on-remove"),
]
