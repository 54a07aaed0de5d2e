"""REST addresses of search and documents, below /api/v1/."""

from django.urls import path

from knowledge import (
    addresses,  # noqa: F401 - makes the converter known
    api,
)

urlpatterns = [
    path("search/", api.Search.as_view(), name="api-search"),
    path("search/suggestions/", api.Suggestions.as_view(), name="api-search-suggestions"),
    path("documents/", api.Documents.as_view(), name="api-documents"),
    path("documents/<document:slug>/", api.DocumentView.as_view(), name="api-document"),
    path("documents/<document:slug>/revisions/", api.Revisions.as_view(), name="api-revisions"),
    path("documents/<document:slug>/revisions/<int:number>/", api.RevisionView.as_view(), name="api-revision"),
    path("documents/<document:slug>/follow/", api.Following.as_view(), name="api-follow"),
    path("documents/<document:slug>/export/", api.DocumentExport.as_view(), name="api-document-export"),
]
