"""Addresses of what is read: search, documents, and their management."""

from django.urls import path

from knowledge import addresses  # noqa: F401 - makes the converter known
from knowledge.views import (
    exporting,
    feedback,
    following,
    freshness,
    history,
    managing,
    overlays,
    personal,
    publishing,
    reading,
    recalling,
    searching,
)

urlpatterns = [
    path("search/", searching.search, name="search"),
    path("documents/", searching.browse, name="documents"),
    path("documents/manage/", managing.manage, name="documents-manage"),
    path("documents/matching/", searching.matching, name="documents-matching"),
    path("documents/freshness/", freshness.freshness, name="documents-freshness"),
    path("documents/<document:slug>/", reading.document, name="document"),
    path("documents/<document:slug>/draft/", reading.draft, name="document-draft"),
    path("documents/<document:slug>/diagram.svg", reading.diagram, name="document-diagram"),
    path("documents/<document:slug>/score/", reading.calculate, name="document-score"),
    path(
        "documents/<document:slug>/export.md", exporting.download, {"form": "markdown"}, name="document-export-markdown"
    ),
    path("documents/<document:slug>/export.json", exporting.download, {"form": "fhir"}, name="document-export-fhir"),
    path("documents/<document:slug>/publish/", publishing.publish, name="document-publish"),
    path("documents/<document:slug>/unschedule/", publishing.unschedule, name="document-unschedule"),
    path("documents/<document:slug>/send-back/", publishing.send_back, name="document-send-back"),
    path("documents/<document:slug>/acknowledge/", recalling.acknowledge, name="document-acknowledge"),
    path("documents/<document:slug>/acknowledgements/", recalling.acknowledgements, name="document-acknowledgements"),
    path("documents/<document:slug>/acknowledgements/remind/", recalling.remind, name="document-remind"),
    path("documents/<document:slug>/verify/", freshness.verify, name="document-verify"),
    path("documents/<document:slug>/settings/", freshness.settings, name="document-settings"),
    path("documents/<document:slug>/retire/", managing.retire, name="document-retire"),
    path("documents/<document:slug>/history/", history.history, name="document-history"),
    path("documents/<document:slug>/revisions/<int:number>/", history.revision, name="document-revision"),
    path("documents/<document:slug>/follow/", following.follow_document, name="document-follow"),
    path("documents/<document:slug>/unfollow/", following.unfollow_document, name="document-unfollow"),
    path("documents/<document:slug>/note/", personal.note, name="document-note"),
    path("documents/<document:slug>/note/delete/", personal.delete, name="document-note-delete"),
    path("documents/<document:slug>/local-notes/", overlays.choose, name="overlay-choose"),
    path("documents/<document:slug>/local-notes/add/", overlays.add, name="overlay-add"),
    path("documents/<document:slug>/local-notes/<int:pk>/", overlays.overlay, name="overlay"),
    path("documents/<document:slug>/local-notes/<int:pk>/keep/", overlays.keep, name="overlay-keep"),
    path("documents/<document:slug>/local-notes/<int:pk>/delete/", overlays.delete, name="overlay-delete"),
    path("documents/<document:slug>/feedback/", feedback.give, name="document-feedback"),
    path("comments/", feedback.comments, name="comments"),
    path("comments/documents/", feedback.rated, name="comments-documents"),
    path("comments/<int:pk>/", feedback.comment, name="comment"),
    path("local-notes/", overlays.overlays, name="overlays"),
    path("specialties/<slug:slug>/follow/", following.follow_specialty, name="specialty-follow"),
    path("specialties/<slug:slug>/unfollow/", following.unfollow_specialty, name="specialty-unfollow"),
    path("account/following/", following.following, name="following"),
    path("account/reading/", personal.readings, name="readings"),
    path("account/changes/", recalling.changes, name="changes"),
    path(
        "organizations/<slug:slug>/acknowledgements/", recalling.of_organization, name="organization-acknowledgements"
    ),
    path(
        "organizations/<slug:slug>/acknowledgements/remind/",
        recalling.remind_organization,
        name="organization-remind",
    ),
    path("account/reading/clear/", personal.clear, name="readings-clear"),
]
