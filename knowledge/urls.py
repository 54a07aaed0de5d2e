"""Addresses of what is read: search, documents, and their management."""

from django.urls import path

from knowledge import addresses  # noqa: F401 - makes the converter known
from knowledge.views import exporting, managing, reading, searching

urlpatterns = [
    path("search/", searching.search, name="search"),
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
]
