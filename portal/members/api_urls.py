"""REST addresses of people, below /api/v1/."""

from django.urls import path

from portal.members import api

urlpatterns = [
    path("me/", api.Me.as_view(), name="api-me"),
    path("specialties/", api.Specialties.as_view(), name="api-specialties"),
]
