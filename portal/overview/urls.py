"""Addresses of the members at a glance."""

from django.urls import path

from portal.overview import api, views

urlpatterns = [path("overview/", views.overview, name="overview")]
api_urlpatterns = [
    path("overview/", api.Figures.as_view(), name="api-overview"),
    path("overview/members/", api.Members.as_view(), name="api-overview-members"),
]
