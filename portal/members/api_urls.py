"""REST addresses of people, below /api/v1/."""

from django.urls import path

from portal.members import (  # noqa: F401 - the schema's part registers itself
    api,
    api_audit,
    api_exports,
    api_sso,
    application_api_urls,
    roster_api_urls,
    schema,
)

OF = "organizations/<slug:slug>/"

urlpatterns = [
    *roster_api_urls.urlpatterns,
    *application_api_urls.urlpatterns,
    path("audit/", api_audit.Audit.as_view(), name="api-audit"),
    path("exports/", api_exports.Exports.as_view(), name="api-exports"),
    path("exports/kinds/", api_exports.Kinds.as_view(), name="api-export-kinds"),
    path("exports/<uuid:key>/", api_exports.One.as_view(), name="api-export"),
    path("exports/<uuid:key>/file/", api_exports.File.as_view(), name="api-export-file"),
    path("me/", api.Me.as_view(), name="api-me"),
    path(f"{OF}sign-in/", api_sso.Provider.as_view(), name="api-sign-in"),
    path(f"{OF}sign-in/check/", api_sso.Check.as_view(), name="api-sign-in-check"),
    path(f"{OF}sign-in/switches/", api_sso.Switches.as_view(), name="api-sign-in-switches"),
    path(f"{OF}directory/tokens/", api_sso.Tokens.as_view(), name="api-directory-tokens"),
    path(f"{OF}directory/tokens/<int:pk>/", api_sso.OneToken.as_view(), name="api-directory-token"),
    path(f"{OF}directory/groups/<int:pk>/", api_sso.OneGroup.as_view(), name="api-directory-group"),
    path("specialists/", api.Specialists.as_view(), name="api-specialists"),
    path("specialties/", api.Specialties.as_view(), name="api-specialties"),
]
