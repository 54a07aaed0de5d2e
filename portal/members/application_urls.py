"""Addresses of applications and memberships, and of what an organization says of itself."""

from django.urls import path

from portal.members.views import applications, applying, membership, places

ONE = "network/applications/<int:pk>/"
HOUSE = "organizations/<slug:slug>/"
urlpatterns = [
    path("apply/", applying.apply, name="apply"),
    path("apply/sent/", applying.sent, name="apply-sent"),
    path("apply/<str:token>/", applying.state, name="apply-state"),
    path("network/applications/", applications.applications, name="applications"),
    path(ONE, applications.application, name="application"),
    path(f"{ONE}check/", applications.check, name="application-check"),
    path(f"{ONE}note/", applications.note, name="application-note"),
    path(f"{ONE}ask/", applications.ask, name="application-ask"),
    path(f"{ONE}decline/", applications.decline, name="application-decline"),
    path(f"{ONE}accept/", applications.accept, name="application-accept"),
    path(f"{HOUSE}membership/end/", membership.end, name="membership-end"),
    path(f"{HOUSE}membership/reopen/", membership.reopen, name="membership-reopen"),
    path(f"{HOUSE}facilities/", places.add_facility, name="facility-add"),
    path(f"{HOUSE}facilities/<int:pk>/", places.facility, name="facility"),
    path(f"{HOUSE}facilities/<int:pk>/remove/", places.remove_facility, name="facility-remove"),
    path(f"{HOUSE}contacts/", places.contacts, name="contacts"),
    path(f"{HOUSE}contacts/<int:pk>/", places.contact, name="contact"),
    path(f"{HOUSE}contacts/<int:pk>/remove/", places.remove_contact, name="contact-remove"),
    path(f"{HOUSE}signed/", places.signed, name="signed"),
    path(f"{HOUSE}signed/<uuid:key>/", places.signed_file, name="signed-file"),
    path(f"{HOUSE}signed/<uuid:key>/remove/", places.signed_remove, name="signed-remove"),
]
