"""Addresses of an organization's own sign-in and its directory."""

from django.urls import path, re_path

from portal.members import api_scim
from portal.members.views import provisioning, single_sign_on

PAGE = "organizations/<slug:slug>/sign-in/"
DIRECTORY = "organizations/<slug:slug>/directory/"

urlpatterns = [
    path(PAGE, single_sign_on.setup, name="single-sign-on"),
    path(f"{PAGE}check/", single_sign_on.check, name="single-sign-on-check"),
    path(f"{PAGE}try/", single_sign_on.try_it, name="single-sign-on-try"),
    path(f"{PAGE}switch/", single_sign_on.switch, name="single-sign-on-switch"),
    path(f"{PAGE}remove/", single_sign_on.remove, name="single-sign-on-remove"),
    path(DIRECTORY, provisioning.directory, name="provisioning"),
    path(f"{DIRECTORY}tokens/<int:pk>/revoke/", provisioning.revoke, name="provisioning-revoke"),
    path(f"{DIRECTORY}groups/<int:pk>/", provisioning.group_role, name="provisioning-group"),
    path("scim/v2/.search", api_scim.SearchAll.as_view(), name="scim-search"),
    path("scim/v2/Users", api_scim.Users.as_view(), name="scim-users"),
    path("scim/v2/Users/.search", api_scim.SearchUsers.as_view(), name="scim-users-search"),
    path("scim/v2/Users/<str:number>", api_scim.OneUser.as_view(), name="scim-user"),
    path("scim/v2/Groups", api_scim.Groups.as_view(), name="scim-groups"),
    path("scim/v2/Groups/.search", api_scim.SearchGroups.as_view(), name="scim-groups-search"),
    path("scim/v2/Groups/<str:number>", api_scim.OneGroup.as_view(), name="scim-group"),
    path("scim/v2/ServiceProviderConfig", api_scim.Configuration.as_view(), name="scim-config"),
    path("scim/v2/Schemas", api_scim.Schemas.as_view(), name="scim-schemas"),
    path("scim/v2/Schemas/<str:number>", api_scim.Schemas.as_view(), name="scim-schema"),
    path("scim/v2/ResourceTypes", api_scim.ResourceTypes.as_view(), name="scim-types"),
    path("scim/v2/ResourceTypes/<str:number>", api_scim.ResourceTypes.as_view(), name="scim-type"),
    re_path(r"^scim/v2/(?P<rest>.*)$", api_scim.Nothing.as_view(), name="scim-nothing"),
]
