"""REST addresses of people, below /api/v1/."""

from django.urls import path

from portal.members import api, api_audit, roster_api_urls, schema  # noqa: F401 - the schema's part registers itself

urlpatterns = [
    *roster_api_urls.urlpatterns,
    path("audit/", api_audit.Audit.as_view(), name="api-audit"),
    path("me/", api.Me.as_view(), name="api-me"),
    path("specialists/", api.Specialists.as_view(), name="api-specialists"),
    path("specialties/", api.Specialties.as_view(), name="api-specialties"),
]
