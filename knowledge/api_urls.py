"""REST addresses of search and documents, below /api/v1/."""

from django.urls import path

from knowledge import (
    addresses,  # noqa: F401 - makes the converter known
    api,
    api_reading,
)

urlpatterns = [
    path("search/", api.Search.as_view(), name="api-search"),
    path("documents/", api.Documents.as_view(), name="api-documents"),
    path("documents/<document:slug>/", api.DocumentView.as_view(), name="api-document"),
    path("documents/<document:slug>/revisions/", api.Revisions.as_view(), name="api-revisions"),
    path("documents/<document:slug>/revisions/<int:number>/", api.RevisionView.as_view(), name="api-revision"),
    path("documents/<document:slug>/follow/", api.Following.as_view(), name="api-follow"),
    path("documents/<document:slug>/document.pdf", api_reading.DocumentPdf.as_view(), name="api-document-pdf"),
    path("lists/", api_reading.Lists.as_view(), name="api-lists"),
    path("lists/<int:pk>/", api_reading.ListView.as_view(), name="api-list"),
    path("lists/<int:pk>/documents/", api_reading.ListDocuments.as_view(), name="api-list-documents"),
    path("lists/<int:pk>/documents/<document:slug>/", api_reading.ListDocument.as_view(), name="api-list-document"),
    path("education/", api_reading.Education.as_view(), name="api-education"),
    path("education/<int:pk>/", api_reading.EducationView.as_view(), name="api-education-entry"),
    path("documents/<document:slug>/export/", api.DocumentExport.as_view(), name="api-document-export"),
]
