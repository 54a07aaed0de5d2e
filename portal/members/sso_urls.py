"""Addresses of an organization's own sign-in and its directory."""

from collections.abc import Callable
from importlib import import_module

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from portal.members.views import provisioning, single_sign_on

PAGE = "organizations/<slug:slug>/sign-in/"
DIRECTORY = "organizations/<slug:slug>/directory/"


def scim(name: str) -> Callable[..., HttpResponseBase]:
    """A view of SCIM, loaded when it is first asked for: its package takes as long to load as half of the site."""

    @csrf_exempt
    def view(request: HttpRequest, **values: str) -> HttpResponseBase:
        views = import_module("portal.members.api_scim")
        answer: HttpResponseBase = getattr(views, name).as_view()(request, **values)
        return answer

    return view


urlpatterns = [
    path(PAGE, single_sign_on.setup, name="single-sign-on"),
    path(f"{PAGE}check/", single_sign_on.check, name="single-sign-on-check"),
    path(f"{PAGE}try/", single_sign_on.try_it, name="single-sign-on-try"),
    path(f"{PAGE}switch/", single_sign_on.switch, name="single-sign-on-switch"),
    path(f"{PAGE}remove/", single_sign_on.remove, name="single-sign-on-remove"),
    path(DIRECTORY, provisioning.directory, name="provisioning"),
    path(f"{DIRECTORY}tokens/<int:pk>/revoke/", provisioning.revoke, name="provisioning-revoke"),
    path(f"{DIRECTORY}groups/<int:pk>/", provisioning.group_role, name="provisioning-group"),
    path("scim/v2/.search", scim("SearchAll"), name="scim-search"),
    path("scim/v2/Users", scim("Users"), name="scim-users"),
    path("scim/v2/Users/.search", scim("SearchUsers"), name="scim-users-search"),
    path("scim/v2/Users/<str:number>", scim("OneUser"), name="scim-user"),
    path("scim/v2/Groups", scim("Groups"), name="scim-groups"),
    path("scim/v2/Groups/.search", scim("SearchGroups"), name="scim-groups-search"),
    path("scim/v2/Groups/<str:number>", scim("OneGroup"), name="scim-group"),
    path("scim/v2/ServiceProviderConfig", scim("Configuration"), name="scim-config"),
    path("scim/v2/Schemas", scim("Schemas"), name="scim-schemas"),
    path("scim/v2/Schemas/<str:number>", scim("Schemas"), name="scim-schema"),
    path("scim/v2/ResourceTypes", scim("ResourceTypes"), name="scim-types"),
    path("scim/v2/ResourceTypes/<str:number>", scim("ResourceTypes"), name="scim-type"),
    re_path(r"^scim/v2/(?P<rest>.*)$", scim("Nothing"), name="scim-nothing"),
]
