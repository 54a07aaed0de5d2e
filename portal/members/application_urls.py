"""Addresses of applications and memberships."""

from django.urls import path

from portal.members.views import applications, applying, membership

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
]
