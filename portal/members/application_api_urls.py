"""REST addresses of applications and memberships, below /api/v1/."""

from django.urls import path

from portal.members import api_applications as api
from portal.members import api_membership as periods
from portal.members import api_places as places

ONE = "applications/<int:pk>/"
OF = "organizations/<slug:slug>/"
HOUSE = f"{OF}membership/"
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
    path(f"{OF}facilities/", places.Facilities.as_view(), name="api-facilities"),
    path(f"{OF}facilities/<int:pk>/", places.OneFacility.as_view(), name="api-facility"),
    path(f"{OF}contacts/", places.Contacts.as_view(), name="api-contacts"),
    path(f"{OF}contacts/<int:pk>/", places.OneContact.as_view(), name="api-contact"),
    path(f"{OF}signed-documents/", places.SignedDocuments.as_view(), name="api-signed"),
    path(f"{OF}signed-documents/<uuid:key>/", places.SignedFile.as_view(), name="api-signed-file"),
]
