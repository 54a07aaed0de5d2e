"""REST addresses of search and documents, below /api/v1/."""

from django.urls import path

from knowledge import (
    addresses,  # noqa: F401 - makes the converter known
    api,
    api_writing,
)

urlpatterns = [
    path("search/", api.Search.as_view(), name="api-search"),
    path("documents/", api.Documents.as_view(), name="api-documents"),
    path("documents/<document:slug>/", api.DocumentView.as_view(), name="api-document"),
    path("documents/<document:slug>/revisions/", api.Revisions.as_view(), name="api-revisions"),
    path("documents/<document:slug>/revisions/<int:number>/", api.RevisionView.as_view(), name="api-revision"),
    path("documents/<document:slug>/follow/", api.Following.as_view(), name="api-follow"),
    path("documents/<document:slug>/draft/", api_writing.Draft.as_view(), name="api-draft"),
    path("documents/<document:slug>/attachments/", api_writing.Attachments.as_view(), name="api-attachments"),
    path(
        "documents/<document:slug>/attachments/<document:name>/",
        api_writing.AttachmentView.as_view(),
        name="api-attachment",
    ),
    path("codes/", api_writing.Codes.as_view(), name="api-codes"),
    path("documents/<document:slug>/export/", api.DocumentExport.as_view(), name="api-document-export"),
]
