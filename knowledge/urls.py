"""Addresses of what is read: search, documents, and their management."""

from django.urls import path

from knowledge import addresses  # noqa: F401 - makes the converter known
from knowledge.views import exporting, following, history, managing, personal, reading, searching

urlpatterns = [
    path("search/", searching.search, name="search"),
    path("search/suggestions/", searching.suggestions, name="search-suggestions"),
    path("documents/", searching.browse, name="documents"),
    path("documents/manage/", managing.manage, name="documents-manage"),
    path("documents/matching/", searching.matching, name="documents-matching"),
    path("documents/<document:slug>/", reading.document, name="document"),
    path("documents/<document:slug>/draft/", reading.draft, name="document-draft"),
    path("documents/<document:slug>/diagram.svg", reading.diagram, name="document-diagram"),
    path("documents/<document:slug>/score/", reading.calculate, name="document-score"),
    path(
        "documents/<document:slug>/export.md", exporting.download, {"form": "markdown"}, name="document-export-markdown"
    ),
    path("documents/<document:slug>/export.json", exporting.download, {"form": "fhir"}, name="document-export-fhir"),
    path("documents/<document:slug>/publish/", managing.publish, name="document-publish"),
    path("documents/<document:slug>/retire/", managing.retire, name="document-retire"),
    path("documents/<document:slug>/history/", history.history, name="document-history"),
    path("documents/<document:slug>/revisions/<int:number>/", history.revision, name="document-revision"),
    path("documents/<document:slug>/follow/", following.follow_document, name="document-follow"),
    path("documents/<document:slug>/unfollow/", following.unfollow_document, name="document-unfollow"),
    path("documents/<document:slug>/note/", personal.note, name="document-note"),
    path("documents/<document:slug>/note/delete/", personal.delete, name="document-note-delete"),
    path("specialties/<slug:slug>/follow/", following.follow_specialty, name="specialty-follow"),
    path("specialties/<slug:slug>/unfollow/", following.unfollow_specialty, name="specialty-unfollow"),
    path("account/following/", following.following, name="following"),
    path("account/reading/", personal.readings, name="readings"),
    path("account/reading/clear/", personal.clear, name="readings-clear"),
]
