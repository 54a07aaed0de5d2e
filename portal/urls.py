"""Every address of the site. The one module that knows every app."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

from consults import urls as consults
from portal import editing, home
from portal.common.describing import Description
from portal.common.health import healthz, readyz
from portal.common.weaknesses import security_txt
from portal.overview import urls as overview

api = [
    path("", include("portal.members.api_urls")),
    path("", include("portal.fees.api_urls")),
    path("", include("portal.fees.api_bank_urls")),
    path("", include("knowledge.api_urls")),
    path("", include("consults.api_urls")),
    path("", include(overview.api_urlpatterns)),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("ask/", include(consults.writing)),
    path("consults/", include(consults.thread)),
    path("", include(overview.urlpatterns)),
    path("editing/", editing.editing, name="editing"),
    path("", include("portal.members.urls")),
    path("", include("portal.fees.urls")),
    path("", include("knowledge.urls")),
    path("", include("consults.urls")),
    path("accounts/", include("portal.members.account_urls")),
    path("api/v1/", include(api)),
    path("api/schema/", Description.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(), name="api-docs"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path(".well-known/security.txt", security_txt, name="security-txt"),
]

handler400 = "portal.common.errors.bad_request"
handler403 = "portal.common.errors.refused"
handler404 = "portal.common.errors.not_found"
handler500 = "portal.common.errors.broken"
