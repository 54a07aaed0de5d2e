"""REST addresses of applications and memberships, below /api/v1/."""

from django.urls import path

from portal.members import api_applications as api
from portal.members import api_membership as periods

ONE = "applications/<int:pk>/"
HOUSE = "organizations/<slug:slug>/membership/"
urlpatterns = [
    path("apply/", api.Apply.as_view(), name="api-apply"),
    path("apply/<str:token>/", api.ApplyState.as_view(), name="api-apply-state"),
    path("applications/", api.Applications.as_view(), name="api-applications"),
    path(ONE, api.OneApplication.as_view(), name="api-application"),
    path(f"{ONE}checks/", api.Check.as_view(), name="api-application-check"),
    path(f"{ONE}notes/", api.Notes.as_view(), name="api-application-note"),
    path(f"{ONE}ask/", api.Ask.as_view(), name="api-application-ask"),
    path(f"{ONE}decline/", api.Decline.as_view(), name="api-application-decline"),
    path(f"{ONE}accept/", api.Accept.as_view(), name="api-application-accept"),
    path(HOUSE, periods.Membership.as_view(), name="api-membership"),
    path(f"{HOUSE}end/", periods.EndMembership.as_view(), name="api-membership-end"),
    path(f"{HOUSE}reopen/", periods.ReopenMembership.as_view(), name="api-membership-reopen"),
]
