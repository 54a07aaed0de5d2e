"""REST addresses of search and documents, below /api/v1/."""

from django.urls import path

from knowledge import (
    addresses,  # noqa: F401 - makes the converter known
    api,
    api_feedback,
    api_keeping,
    api_overlays,
    api_personal,
    api_reading,
    api_writing,
    review_api,
)

REVISION = "documents/<document:slug>/revisions/<int:number>/"

urlpatterns = [
    path("search/", api.Search.as_view(), name="api-search"),
    path("search/suggestions/", api.Suggestions.as_view(), name="api-search-suggestions"),
    path("documents/", api.Documents.as_view(), name="api-documents"),
    path("documents/<document:slug>/", api.DocumentView.as_view(), name="api-document"),
    path("documents/<document:slug>/revisions/", api.Revisions.as_view(), name="api-revisions"),
    path("documents/<document:slug>/revisions/<int:number>/", api.RevisionView.as_view(), name="api-revision"),
    path("reviews/", review_api.MyReviews.as_view(), name="api-my-reviews"),
    path(f"{REVISION}submit/", review_api.Submit.as_view(), name="api-submit"),
    path(f"{REVISION}withdraw/", review_api.Withdraw.as_view(), name="api-withdraw"),
    path(f"{REVISION}review/", review_api.ReviewedView.as_view(), name="api-review"),
    path(f"{REVISION}reviews/", review_api.Reviews.as_view(), name="api-reviews"),
    *(
        path(f"{REVISION}reviews/<int:pk>/{name}/", view.as_view(), name=f"api-review-{name}")
        for name, view in review_api.ACTS.items()
    ),
    path(f"{REVISION}remarks/", review_api.Remarks.as_view(), name="api-remarks"),
    *(
        path(f"{REVISION}remarks/<int:pk>/{name}/", view.as_view(), name=f"api-remark-{name}")
        for name, view in review_api.SETTLING.items()
    ),
    path("documents/<document:slug>/follow/", api.Following.as_view(), name="api-follow"),
    path("documents/<document:slug>/passages/", api_overlays.Passages.as_view(), name="api-passages"),
    path("documents/<document:slug>/overlays/", api_overlays.Overlays.as_view(), name="api-overlays"),
    path("documents/<document:slug>/overlays/<int:pk>/", api_overlays.OverlayView.as_view(), name="api-overlay"),
    path(
        "documents/<document:slug>/overlays/<int:pk>/keep/", api_overlays.OverlayKeep.as_view(), name="api-overlay-keep"
    ),
    path("documents/<document:slug>/feedback/", api_feedback.DocumentFeedback.as_view(), name="api-document-feedback"),
    path("feedback/", api_feedback.AllFeedback.as_view(), name="api-feedback"),
    path("feedback/<int:pk>/reply/", api_feedback.FeedbackReplies.as_view(), name="api-feedback-reply"),
    path("overlays/", api_overlays.AllOverlays.as_view(), name="api-all-overlays"),
    path("documents/<document:slug>/publish/", api_keeping.Publish.as_view(), name="api-publish"),
    path("documents/<document:slug>/schedule/", api_keeping.Schedule.as_view(), name="api-schedule"),
    path("documents/<document:slug>/verify/", api_keeping.Verify.as_view(), name="api-verify"),
    path("documents/<document:slug>/acknowledge/", api_keeping.Acknowledge.as_view(), name="api-acknowledge"),
    path(
        "documents/<document:slug>/acknowledgements/",
        api_keeping.Acknowledgements.as_view(),
        name="api-acknowledgements",
    ),
    path("documents/<document:slug>/acknowledgements/remind/", api_keeping.Remind.as_view(), name="api-remind"),
    path("changes/", api_keeping.Changes.as_view(), name="api-changes"),
    path("documents/<document:slug>/document.pdf", api_reading.DocumentPdf.as_view(), name="api-document-pdf"),
    path("lists/", api_reading.Lists.as_view(), name="api-lists"),
    path("lists/<int:pk>/", api_reading.ListView.as_view(), name="api-list"),
    path("lists/<int:pk>/documents/", api_reading.ListDocuments.as_view(), name="api-list-documents"),
    path("lists/<int:pk>/documents/<document:slug>/", api_reading.ListDocument.as_view(), name="api-list-document"),
    path("education/", api_reading.Education.as_view(), name="api-education"),
    path("education/<int:pk>/", api_reading.EducationView.as_view(), name="api-education-entry"),
    path("documents/<document:slug>/draft/", api_writing.Draft.as_view(), name="api-draft"),
    path("documents/<document:slug>/attachments/", api_writing.Attachments.as_view(), name="api-attachments"),
    path(
        "documents/<document:slug>/attachments/<document:name>/",
        api_writing.AttachmentView.as_view(),
        name="api-attachment",
    ),
    path("codes/", api_writing.Codes.as_view(), name="api-codes"),
    path("documents/<document:slug>/export/", api.DocumentExport.as_view(), name="api-document-export"),
    path("documents/<document:slug>/note/", api_personal.DocumentNote.as_view(), name="api-note"),
    path("documents/<document:slug>/compare/", api_personal.DocumentCompare.as_view(), name="api-compare"),
    path("documents/<document:slug>/settings/", api_personal.DocumentSettings.as_view(), name="api-settings"),
    path("reading/", api_personal.Readings.as_view(), name="api-reading"),
    path("digest/", api_personal.DigestView.as_view(), name="api-digest"),
]
