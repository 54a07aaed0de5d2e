"""Addresses of what is read: search, documents, and their management."""

from django.urls import path

from knowledge import addresses  # noqa: F401 - makes the converter known
from knowledge.views import (
    digest,
    education,
    exporting,
    following,
    history,
    lists,
    managing,
    personal,
    printing,
    reading,
    searching,
)

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
    path("documents/<document:slug>/document.pdf", printing.document_pdf, name="document-pdf"),
    path("documents/<document:slug>/print.css", printing.print_style, name="document-print-style"),
    path("documents/<document:slug>/revisions/<int:number>/document.pdf", printing.document_pdf, name="revision-pdf"),
    path(
        "documents/<document:slug>/revisions/<int:number>/print.css", printing.print_style, name="revision-print-style"
    ),
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
    path("account/digest/", digest.choose, name="digest-choose"),
    path("digest/stop/<str:token>/", digest.stop, name="digest-stop"),
    path("digest/start/<str:token>/", digest.start, name="digest-start"),
    path("documents/<document:slug>/lists/", lists.add, name="document-list-add"),
    path("account/lists/", lists.lists, name="lists"),
    path("account/lists/<int:pk>/", lists.reading_list, name="list"),
    path("account/lists/<int:pk>/rename/", lists.rename, name="list-rename"),
    path("account/lists/<int:pk>/delete/", lists.delete, name="list-delete"),
    path("account/lists/<int:pk>/<document:slug>/up/", lists.move, {"to": "up"}, name="list-up"),
    path("account/lists/<int:pk>/<document:slug>/down/", lists.move, {"to": "down"}, name="list-down"),
    path("account/lists/<int:pk>/<document:slug>/remove/", lists.remove, name="list-remove"),
    path("account/education/", education.education, name="education"),
    path("account/education/new/", education.new, name="education-new"),
    path("account/education/export.csv", education.export_csv, name="education-csv"),
    path("account/education/export.pdf", education.export_pdf, name="education-pdf"),
    path("account/education/<int:pk>/", education.entry, name="education-entry"),
    path("account/education/<int:pk>/delete/", education.delete, name="education-delete"),
    path("account/reading/", personal.readings, name="readings"),
    path("account/reading/clear/", personal.clear, name="readings-clear"),
]
